using System.Globalization;
using AllocationsBench;
using Costs;

const int Exchanges = 60_000;
const int WarmUps = 3_000;
var name = args.Length > 0 ? args[0] : "get";
var frames = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 4;
if (!CountedTraffic.Cases.ContainsKey(name))
{
    await Console.Error.WriteLineAsync($"{name} is none of {string.Join(", ", CountedTraffic.Cases.Keys)}");
    return 2;
}

var directory = Directory.CreateTempSubdirectory("allocations-");
try
{
    await using var gateway = await CountedGateway.StartAsync();
    Cost cost;
    using (var counter = new Counter(gateway))
        cost = counter.Count([name])[0];
    using var traffic = CountedTraffic.Cases[name](gateway);
    Exchange(WarmUps);
    var samples = await Sampling.RunAsync(directory.FullName, () => Exchange(Exchanges));
    await Report.WriteAsync(Console.Error, cost, samples, Exchanges, frames);
    return 0;

    void Exchange(int times)
    {
        for (var i = 0; i < times; i++)
            traffic.Exchange(pauses: false);
    }
}
finally
{
    directory.Delete(recursive: true);
}
