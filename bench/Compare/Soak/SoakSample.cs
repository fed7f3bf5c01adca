using System.Globalization;
using CompareBench.Running;

namespace CompareBench.Soak;

/// <summary>What the gateway holds at one moment.</summary>
/// <param name="Resident">Megabytes.</param>
/// <param name="Heap">Megabytes of the managed heap, garbage included.</param>
internal sealed record SoakSample(TimeSpan At, string Phase, double Resident, double Heap, int Handles, int Threads, double Timers)
{
    public static async Task<SoakSample> TakeAsync(TimeSpan at, string phase, Server server, HttpClient metrics)
    {
        var page = (await metrics.GetStringAsync("/metrics")).Split('\n');
        double Read(string series) => page.FirstOrDefault(line => line.StartsWith(series + " ", StringComparison.Ordinal)) is { } line
            ? double.Parse(line.AsSpan(series.Length + 1), CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The metrics page has no {series}.");
        return new(
            at, phase, server.ReadResident(), Read("dotnet_total_memory_bytes") / (1 << 20), server.ReadHandles(), server.ReadThreads(),
            Read("dotnet_active_timers"));
    }
}

/// <summary>One of the things that have to stay where they are.</summary>
/// <param name="AnHour">How much of a slope is no growth yet.</param>
/// <param name="Swing">How much a short run may rise by chance.</param>
internal sealed record Held(string Name, string Unit, Func<SoakSample, double> Of, double AnHour, double Swing)
{
    public static readonly IReadOnlyList<Held> All =
    [
        new("resident memory", "MB", static s => s.Resident, AnHour: 12, Swing: 4),
        new("managed heap", "MB", static s => s.Heap, AnHour: 12, Swing: 4),
        new("handles", "", static s => s.Handles, AnHour: 12, Swing: 4),
        new("threads", "", static s => s.Threads, AnHour: 6, Swing: 2),
        new("timers", "", static s => s.Timers, AnHour: 12, Swing: 4),
    ];

    /// <summary>Of the straight line through the samples that is nearest to them by least squares.</summary>
    public double FindSlopeAnHour(IReadOnlyList<SoakSample> samples)
    {
        var (meanX, meanY) = (samples.Average(static s => s.At.TotalHours), samples.Average(Of));
        var spread = samples.Sum(s => Square(s.At.TotalHours - meanX));
        return samples.Sum(s => (s.At.TotalHours - meanX) * (Of(s) - meanY)) / spread;
    }

    /// <summary>Along the line it rises by less than a run of this length says anything about.</summary>
    public bool IsFlat(double slopeAnHour, TimeSpan window) => slopeAnHour <= AnHour || slopeAnHour * window.TotalHours <= Swing;

    private static double Square(double x) => x * x;
}
