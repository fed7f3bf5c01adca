using CompareBench.Running;

namespace CompareBench.Reports;

/// <summary>The table that every case of requests and answers has.</summary>
internal static class HttpTable
{
    /// <param name="baseline">What the others' ratios are to.</param>
    /// <param name="whose">The baseline in words, as in "of bare YARP's".</param>
    public static Table Create(string? caption, IReadOnlyList<Measured> measured, Measured? baseline, string whose = "bare YARP's") =>
        new(caption, CreateColumns(whose), [.. measured.Select(m => CreateRow(m, m == baseline ? null : baseline))]);

    public static IEnumerable<Bar> CreateBars(string group, IReadOnlyList<Measured> measured, Measured? bare) =>
        bare is null
            ? []
            : measured.Where(m => m != bare).Select(m => new Bar(group, m.Name, Throughput(m, bare).Median, ProcessorTime(m, bare).Median));

    private static string[] CreateColumns(string whose) =>
    [
        "", "requests/s", $"of {whose}", "processor time a request", $"of {whose}", "p50", "p99", "p99.9", "memory at the end, at most",
    ];

    private static string[] CreateRow(Measured m, Measured? bare) =>
    [
        m.Rounds.Sum(static r => r.Failures) is var failures and > 0 ? $"{m.Name} ({failures} requests failed)" : m.Name,
        m.RequestsPerSecond.Format("N0"), bare is null ? "" : Throughput(m, bare).Format("0.00"),
        m.ProcessorTime.Format("0.0") + " µs", bare is null ? "" : ProcessorTime(m, bare).Format("0.00"),
        $"{Median(m, static r => r.Latency.P50):0.00} ms", $"{Median(m, static r => r.Latency.P99):0.0} ms",
        $"{Median(m, static r => r.Latency.P999):0.0} ms", $"{m.Resident:0} MB, {m.Peak:0} MB",
    ];

    private static Spread Throughput(Measured m, Measured bare) =>
        Spread.OfRatios(m.Rounds.Select(static r => r.RequestsPerSecond), bare.Rounds.Select(static r => r.RequestsPerSecond));

    private static Spread ProcessorTime(Measured m, Measured bare) =>
        Spread.OfRatios(m.Rounds.Select(static r => r.ProcessorTime), bare.Rounds.Select(static r => r.ProcessorTime));

    private static double Median(Measured m, Func<Round, double> of) => new Spread(m.Rounds.Select(of)).Median;
}
