using Gateway.Telemetry;

namespace Gateway.Traffic;

/// <param name="Seconds">How long the time is that the figures are of: a minute at most, less after a start.</param>
/// <param name="All">Of all that was answered.</param>
internal sealed record TrafficFigures(double Seconds, BackendFigures All, IReadOnlyDictionary<string, BackendFigures> Backends)
{
    /// <param name="since">Null when nothing is remembered: then there are no figures but of streams.</param>
    public static TrafficFigures Subtract(TrafficSample now, TrafficSample? since, TimeSpan elapsed)
    {
        var backends = now.Backends.ToDictionary(
            b => b.Key, b => b.Value.Since(since is null ? b.Value : since.Backends.GetValueOrDefault(b.Key) ?? BackendTotals.None),
            StringComparer.Ordinal);
        var all = backends.Values.Aggregate(BackendTotals.None, static (sum, totals) => sum + totals);
        var seconds = elapsed.TotalSeconds;
        return new(
            Math.Round(seconds, 1), BackendFigures.From(all, seconds),
            backends.ToDictionary(b => b.Key, b => BackendFigures.From(b.Value, seconds), StringComparer.Ordinal));
    }
}

/// <param name="Errors">Answers of 500 and above.</param>
/// <param name="PassedOver">How often somebody further down the chain answered in its place because it was away or failed.</param>
/// <param name="P99Seconds">
/// What 99 of 100 answers took at most, as exactly as the histogram's buckets say it; null without any. Streams are not in it.
/// </param>
internal sealed record BackendFigures(
    long Requests, double RequestsPerSecond, long Errors, long PassedOver, double? P99Seconds, long StreamsOpen)
{
    private const double Quantile = 0.99;

    public static BackendFigures None { get; } = From(BackendTotals.None, 0);

    public static BackendFigures From(BackendTotals totals, double seconds) => new(
        totals.Requests, seconds > 0 ? Math.Round(totals.Requests / seconds, 2) : 0, totals.Errors, totals.PassedOver,
        FindQuantile(totals.Buckets), totals.StreamsOpen);

    /// <summary>As PromQL's histogram_quantile: evenly spread within a bucket; of the last bucket its lower bound.</summary>
    private static double? FindQuantile(long[] buckets)
    {
        var rank = Quantile * buckets.Sum();
        if (rank <= 0)
            return null;
        var (lower, below) = (0.0, 0L);
        foreach (var (bound, count) in GatewayMetrics.Bounds.Zip(buckets))
        {
            if (below + count >= rank)
                return Math.Round(lower + ((bound - lower) * (rank - below) / count), 6);
            (lower, below) = (bound, below + count);
        }

        return lower;
    }
}
