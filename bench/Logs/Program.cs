using System.Globalization;
using LogsBench;

// `logs ROUNDS LINES`: the same lines to this process's standard output by each writer in turn; the numbers go to standard error.
var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5;
var lines = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 200_000;

var flatOut = new Load("flat out", Burst: lines, Pause: TimeSpan.Zero);
var bursts = new Load("bursts of 50", Burst: 50, Pause: TimeSpan.FromMilliseconds(2));
(string Name, Func<ILineLog> Start)[] intents =
[
    ("AddJsonLogs", static () => new OurLog()), ("Serilog as it comes", static () => new SerilogLog()),
    ("bare Utf8JsonWriter", static () => new BareLog()),
];
(string Name, Func<ILineLog> Start)[] completions =
    [("UseRequestCompletion", static () => new OurCompletionLog()), ("Serilog as it comes", static () => new SerilogCompletionLog())];

await CompareAsync("intent", flatOut, intents);
await CompareAsync("intent", bursts, intents);
await CompareAsync("completion", flatOut, completions);

async Task CompareAsync(string line, Load load, (string Name, Func<ILineLog> Start)[] writers)
{
    // What is waited for and how costs something too; the bare loop has it as well.
    var costs = writers.ToDictionary(writer => writer.Name, _ => new List<Cost>(), StringComparer.Ordinal);
    for (var round = -1; round < rounds; round++)
    {
        foreach (var (name, start) in writers)
        {
            var cost = Cost.Measure(start, load, lines);
            if (round >= 0) // The first one warms up.
                costs[name].Add(cost);
        }
    }

    await Console.Error.WriteLineAsync(
        $"\n{line + ", " + load.Name,-26} {"lines/s",10} {"processor ns",13} {"bytes allocated",16} {"writes",8}   a line, median of {rounds}");
    foreach (var (name, all) in costs)
    {
        await Console.Error.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-26} {Median(all, c => c.LinesPerSecond),10:N0} {Median(all, c => c.ProcessorNs),13:N0} {Median(all, c => c.Allocated),16:N0} "
            + $"{Median(all, c => c.Syscalls),8:N3}"));
    }
}

static double Median(List<Cost> all, Func<Cost, double> of) => all.Select(of).Order().ElementAt(all.Count / 2);
