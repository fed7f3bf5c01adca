using System.Diagnostics;
using System.Globalization;
using CompareBench.Candidates;
using CompareBench.Reports;
using CompareBench.Running;

namespace CompareBench.Soak;

/// <summary>Half an hour of load and faults, and whether what the gateway holds grows with them.</summary>
internal sealed class SoakBench(FaultyBackend backend, string directory, TextWriter progress)
{
    public const string Command = "soak";

    private const int WholeMinutes = 30;

    private static readonly Uri Calendar = new("http://127.0.0.1:19091");

    private static readonly TimeSpan PhaseTime = TimeSpan.FromSeconds(5);

    /// <summary>In the part that does not count: a method is compiled again after 30 calls, and after 30 more, also a rare one.</summary>
    private static readonly TimeSpan FirstPhaseTime = TimeSpan.FromSeconds(0.75);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>The first third is left out of the verdict: code is compiled and pools are filled.</summary>
    private const double Counted = 2.0 / 3;

    private readonly List<SoakSample> _samples = [];
    private volatile string _phase = "well";

    private IReadOnlyList<(string Name, Action Begin)> Phases =>
    [
        ("well", () => backend.Become(BackendFault.None)),
        ("killed", () => backend.Become(BackendFault.Killed)),
        ("started", () => backend.Become(BackendFault.None)),
        ("slow", () => backend.Become(BackendFault.Slow)),
        ("well", () => backend.Become(BackendFault.None)),
        ("resets", () => backend.Become(BackendFault.Resets)),
        ("well", () => backend.Become(BackendFault.None)),
        ("503", () => backend.Become(BackendFault.Unavailable)),
        ("well", () => backend.Become(BackendFault.None)),
        ("configuration broken", () => File.WriteAllText(GatewayFile, _shipped[..^20])),
        ("configuration mended", () => File.WriteAllText(GatewayFile, _shipped + "\n")),
        ("configuration as before", () => File.WriteAllText(GatewayFile, _shipped)),
    ];

    private string _shipped = "";

    private string GatewayFile { get; set; } = "";

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments, string directory)
    {
        var minutes = arguments switch
        {
            [] => WholeMinutes,
            ["--minutes", var text] when int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > 0 => number,
            _ => 0,
        };
        if (minutes > 0)
        {
            await using var backend = new FaultyBackend(Calendar.Port);
            backend.Become(BackendFault.None);
            return await new SoakBench(backend, directory, Console.Error).RunAsync(minutes);
        }

        await Console.Error.WriteLineAsync("bench/soak [--minutes N]");
        return 2;
    }

    private async Task<int> RunAsync(int minutes)
    {
        var checkout = new Checkout(Path.GetFullPath("."));
        var candidate = await checkout.PublishGatewayAsync("gateway", Path.Combine(directory, "gateway"));
        await using var origin = Origin.Start(Path.Combine(directory, "origin"));
        var job = new Job(Calendar, Origin.Legacy) { Percentage = 90 };
        await using var lineUp = await LineUp.StartAsync(directory, [("gateway", candidate, job)]);
        var contender = lineUp.Contenders[0];
        GatewayFile = contender.Place.File("config/gateway.json");
        _shipped = await File.ReadAllTextAsync(GatewayFile);

        using var end = new CancellationTokenSource(TimeSpan.FromMinutes(minutes));
        var load = new SoakLoad(contender.Address);
        var uncounted = TimeSpan.FromMinutes(minutes * (1 - Counted));
        await Task.WhenAll(load.RunAsync(end.Token), MakeFaultsAsync(uncounted, end.Token), SampleAsync(contender, end.Token));
        var (text, isFlat) = Describe(minutes, await checkout.ReadCommitAsync(), load.Answers);
        await Console.Out.WriteLineAsync(text);
        if (minutes >= WholeMinutes)
        {
            System.IO.Directory.CreateDirectory("bench/results");
            await File.WriteAllTextAsync("bench/results/soak.md", text);
        }

        return isFlat ? 0 : 1;
    }

    private async Task MakeFaultsAsync(TimeSpan first, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        for (var phases = Phases; ;)
        {
            foreach (var (name, begin) in phases)
            {
                begin();
                _phase = name;
                var time = Stopwatch.GetElapsedTime(started) < first ? FirstPhaseTime : PhaseTime;
                await Task.Delay(time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (cancel.IsCancellationRequested)
                    return;
            }
        }
    }

    private async Task SampleAsync(Contender contender, CancellationToken cancel)
    {
        using var handler = new SocketsHttpHandler();
        using var metrics = new HttpClient(handler) { BaseAddress = new($"http://127.0.0.1:{contender.Place.AdminPort}") };
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            await Task.Delay(Interval, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancel.IsCancellationRequested)
                return;
            contender.ForgetLog();
            var sample = await SoakSample.TakeAsync(Stopwatch.GetElapsedTime(started), _phase, contender.Server, metrics);
            _samples.Add(sample);
            await progress.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $@"  {sample.At:mm\:ss} {sample.Phase}: {sample.Resident:0.0} MB, heap {sample.Heap:0.0} MB, {sample.Handles} handles, " +
                $"{sample.Threads} threads, {sample.Timers} timers"));
        }
    }

    private (string Text, bool IsFlat) Describe(int minutes, string commit, IReadOnlyDictionary<string, int> answers)
    {
        var window = TimeSpan.FromMinutes(minutes * Counted);
        var counted = _samples.Where(s => s.At >= TimeSpan.FromMinutes(minutes) - window).ToArray();
        var slopes = Held.All.Select(held => (Held: held, Slope: held.FindSlopeAnHour(counted))).ToArray();
        var isFlat = slopes.All(s => s.Held.IsFlat(s.Slope, window));
        var verdict = new Table(
            string.Create(CultureInfo.InvariantCulture, $"By least squares through the {counted.Length} samples of the last two thirds:"),
            ["", "median (least–most)", "slope", "flat up to", ""],
            [.. slopes.Select(s => CreateRow(s.Held, s.Slope, counted, window))]);
        var course = new Table(
            "The median of each minute:", ["minute", .. Held.All.Select(static h => h.Name)],
            [.. _samples.GroupBy(static s => (int)s.At.TotalMinutes).Select(CreateRow)]);
        var all = string.Join(", ", answers.OrderByDescending(static a => a.Value).Select(static a => $"{a.Key}: {a.Value:N0}"));
        var section = new Section(
            isFlat ? "Soak: flat" : "Soak: not flat",
            string.Create(CultureInfo.InvariantCulture, $"{minutes} minutes, {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC, ") +
            $"commit {commit}, {Environment.ProcessorCount} cores shared with load and backends; written by `bench/soak`. In turns of " +
            $"{PhaseTime.TotalSeconds:0} s ({FirstPhaseTime.TotalSeconds:0.##} s in the first third) the calendar backend is well, " +
            $"{string.Join(", ", Phases.Skip(1).Select(static p => p.Name))}; samples every {Interval.TotalSeconds:0} s. " +
            $"What the clients saw: {all}.",
            [verdict, course], []);
        return (Markdown.Write(section).Replace("## ", "# ", StringComparison.Ordinal), isFlat);
    }

    private static IReadOnlyList<string> CreateRow(IGrouping<int, SoakSample> minute) =>
    [
        (minute.Key + 1).ToString(CultureInfo.InvariantCulture),
        .. Held.All.Select(held => Format(new Spread(minute.Select(held.Of)).Median)),
    ];

    private static string[] CreateRow(Held held, double slope, SoakSample[] counted, TimeSpan window)
    {
        var spread = new Spread(counted.Select(held.Of));
        var unit = held.Unit.Length == 0 ? "/h" : $" {held.Unit}/h";
        return
        [
            held.Name, $"{Format(spread.Median)} ({Format(spread.Least)}–{Format(spread.Most)}) {held.Unit}".TrimEnd(),
            slope.ToString("+0.0;-0.0;0", CultureInfo.InvariantCulture) + unit,
            Format(Math.Max(held.AnHour, held.Swing / window.TotalHours)) + unit, held.IsFlat(slope, window) ? "flat" : "**grows**",
        ];
    }

    private static string Format(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
