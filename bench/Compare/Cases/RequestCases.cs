using CompareBench.Candidates;
using CompareBench.Load;
using CompareBench.Reports;
using CompareBench.Running;

namespace CompareBench.Cases;

/// <summary>Cases of requests and their answers, all candidates with the same load.</summary>
internal static class RequestCases
{
    private const int Connections = 32;

    private static readonly int[] ConnectionLevels = [1, 32, 256, 2000];

    public static Task<Section> GetAsync(Bench bench) => MeasureAsync(
        bench, "GET", Get(bench).RunAsync, Bench.Job,
        $"GET of 1 KiB through the decision, 10,000 users in turn, {Connections} connections.");

    public static Task<Section> PostAsync(Bench bench) => MeasureAsync(
        bench, "POST 2 KB", new Wrk(bench.Directory) { Method = "POST", Path = Wrk.Calendars, BodyBytes = 2048 }.RunAsync, Bench.Job,
        $"POST with a body of 2 KB, answered with 1 KiB, {Connections} connections.");

    public static Task<Section> DownloadAsync(Bench bench) => MeasureAsync(
        bench, "1 MB", new Wrk(bench.Directory) { Method = "GET", Path = $"\"{Origin.Download}\"" }.RunAsync, Bench.Job,
        $"GET of 1 MB through the decision, {Connections} connections.");

    public static Task<Section> FallbackAsync(Bench bench) => MeasureAsync(
        bench, "Fallback", Get(bench).RunAsync, Bench.Job.WithDeadCalendar(Origin.Dead),
        "The case GET with nobody listening where the calendar backend was, and 100 % of users in the cohort: the legacy backend answers " +
        "every request in its place. Ours and HAProxy know it from their probes, nginx from a connection that is refused every ten " +
        "seconds. Bare YARP has no fallback: it is measured before a backend that is well.");

    public static Task<Section> Http2Async(Bench bench) => MeasureAsync(
        bench, "HTTP/2", new H2Load(bench.Directory).RunAsync, Bench.Job with { Http2 = true },
        "GET of 1 KiB over HTTP/2 in clear by prior knowledge: 8 connections, 4 requests under way on each; HTTP/1.1 to the origin. The " +
        "others have a listener that speaks nothing else, ours is the one that also speaks HTTP/1.1.");

    /// <summary>Bare YARP as it is in all cases, and what it would cost with more and with fewer lines.</summary>
    public static async Task<Section> QuietAsync(Bench bench)
    {
        (string, Candidate, Job)[] entries =
        [
            .. bench.Candidates.SelectMany(c => c is BareYarp
                ? new[]
                {
                    (c.Name, c, Bench.Job),
                    ("bare YARP, lines of every request on", BareYarp.WithLevels("Information"), Bench.Job),
                    ("bare YARP, no logger on at all", BareYarp.WithLevels("None"), Bench.Job),
                }
                : [($"{c.Name}, log on", c, Bench.Job), ($"{c.Name}, log off", c, Bench.Job with { Logs = false })]),
        ];
        await using var lineUp = await bench.StartAsync(entries);
        return await MeasureAsync(bench, lineUp, "Log", Get(bench).RunAsync, "The case GET with the access log on and off.");
    }

    /// <summary>One line-up for all: after the first level the candidates are warm.</summary>
    public static async Task<Section> ConnectionsAsync(Bench bench)
    {
        await using var lineUp = await bench.StartAsync(Bench.Job);
        await bench.Turns.WarmUpAsync(lineUp.Contenders, Get(bench).RunAsync);
        var tables = new List<Table>();
        var bars = new List<Bar>();
        foreach (var connections in ConnectionLevels)
        {
            var words = connections == 1 ? "1 connection" : $"{connections:N0} connections";
            await bench.Progress.WriteLineAsync($"  {words}");
            var measured = await bench.Turns.MeasureAsync(lineUp.Contenders, Get(bench, connections).RunAsync);
            var bare = FindBare(measured);
            tables.Add(HttpTable.Create($"{words}:", measured, bare));
            bars.AddRange(HttpTable.CreateBars(words, measured, bare));
        }

        return new("Connections", "The case GET from one connection to 2,000.", tables, bars);
    }

    private static Wrk Get(Bench bench, int connections = Connections) =>
        new(bench.Directory) { Method = "GET", Path = Wrk.Calendars, Connections = connections };

    private static async Task<Section> MeasureAsync(
        Bench bench, string title, Func<Uri, TimeSpan, Task<LoadResult>> load, Job job, string text)
    {
        await using var lineUp = await bench.StartAsync(job);
        return await MeasureAsync(bench, lineUp, title, load, text);
    }

    private static async Task<Section> MeasureAsync(
        Bench bench, LineUp lineUp, string title, Func<Uri, TimeSpan, Task<LoadResult>> load, string text)
    {
        await bench.Turns.WarmUpAsync(lineUp.Contenders, load);
        var measured = await bench.Turns.MeasureAsync(lineUp.Contenders, load);
        var bare = FindBare(measured);
        return new(title, text, [HttpTable.Create(null, measured, bare)], [.. HttpTable.CreateBars(title, measured, bare)]);
    }

    /// <returns>Null when it does not take part.</returns>
    private static Measured? FindBare(IReadOnlyList<Measured> measured) => measured.FirstOrDefault(static m => m.Name == BareYarp.Untuned);
}
