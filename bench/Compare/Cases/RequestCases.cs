using CompareBench.Candidates;
using CompareBench.Load;
using CompareBench.Reports;
using CompareBench.Running;

namespace CompareBench.Cases;

/// <summary>Cases of requests and their answers by wrk, all candidates with the same load.</summary>
internal static class RequestCases
{
    private const string Calendars = """ "/api/calendar/c" .. (i % 500) """;

    private static readonly int[] ConnectionLevels = [1, 32, 256, 2000];

    public static Task<Section> GetAsync(Bench bench) => MeasureAsync(
        bench, Bench.Job, Get(bench, connections: 32), "GET",
        "GET of 1 KiB through the decision, 10,000 users in turn, 32 connections.");

    public static Task<Section> PostAsync(Bench bench) => MeasureAsync(
        bench, Bench.Job, new(bench.Directory) { Method = "POST", Path = Calendars, BodyBytes = 2048 }, "POST 2 KB",
        "POST with a body of 2 KB, answered with 1 KiB, 32 connections.");

    /// <summary>One line-up for all: after the first level the candidates are warm.</summary>
    public static async Task<Section> ConnectionsAsync(Bench bench)
    {
        await using var lineUp = await bench.StartAsync(Bench.Job);
        await bench.Turns.WarmUpAsync(lineUp.Contenders, Get(bench, connections: 32).RunAsync);
        var tables = new List<Table>();
        var bars = new List<Bar>();
        foreach (var connections in ConnectionLevels)
        {
            await bench.Progress.WriteLineAsync($"  {connections} connections");
            var measured = await bench.Turns.MeasureAsync(lineUp.Contenders, Get(bench, connections).RunAsync);
            var bare = Bare(measured, bench);
            tables.Add(HttpTable.Create($"{connections:N0} {(connections == 1 ? "connection" : "connections")}:", measured, bare));
            bars.AddRange(HttpTable.CreateBars($"GET, {connections:N0} conn.", measured, bare));
        }

        return new("Connections", "The case GET from one connection to 2,000.", tables, bars);
    }

    private static Wrk Get(Bench bench, int connections) =>
        new(bench.Directory) { Method = "GET", Path = Calendars, Connections = connections };

    private static async Task<Section> MeasureAsync(Bench bench, Job job, Wrk load, string title, string text)
    {
        await using var lineUp = await bench.StartAsync(job);
        await bench.Turns.WarmUpAsync(lineUp.Contenders, load.RunAsync);
        var measured = await bench.Turns.MeasureAsync(lineUp.Contenders, load.RunAsync);
        var bare = Bare(measured, bench);
        return new(title, text, [HttpTable.Create(null, measured, bare)], [.. HttpTable.CreateBars(title, measured, bare)]);
    }

    /// <returns>Null when it does not take part.</returns>
    private static Measured? Bare(IReadOnlyList<Measured> measured, Bench bench) =>
        bench.Candidates.OfType<BareYarp>().FirstOrDefault() is { } bare ? measured.Single(m => m.Name == bare.Name) : null;
}
