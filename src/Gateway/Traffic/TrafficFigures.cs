namespace Gateway.Traffic;

/// <param name="Seconds">How long the time is that the figures are of: a minute at most, less after a start.</param>
/// <param name="All">Of all that was answered.</param>
internal sealed record TrafficFigures(double Seconds, BackendFigures All, IReadOnlyDictionary<string, BackendFigures> Backends)
{
    /// <param name="since">Null when nothing is remembered: then there are no figures but of streams.</param>
    public static TrafficFigures Subtract(TrafficSample now, TrafficSample? since, TimeSpan elapsed)
    {
        var backends = now.Backends.ToDictionary(
            b => b.Key, b => Difference(b.Value, since is null ? b.Value : since.Backends.GetValueOrDefault(b.Key)),
            StringComparer.Ordinal);
        var all = new BackendTotals();
        foreach (var totals in backends.Values)
            Add(all, totals);
        var seconds = elapsed.TotalSeconds;
        return new(
            Math.Round(seconds, 1), BackendFigures.From(all, seconds),
            backends.ToDictionary(b => b.Key, b => BackendFigures.From(b.Value, seconds), StringComparer.Ordinal));
    }

    private static BackendTotals Difference(BackendTotals now, BackendTotals? since)
    {
        var difference = new BackendTotals
        {
            Requests = now.Requests - (since?.Requests ?? 0),
            Errors = now.Errors - (since?.Errors ?? 0),
            PassedOver = now.PassedOver - (since?.PassedOver ?? 0),
            StreamsOpen = now.StreamsOpen,
        };
        foreach (var (bound, count) in now.Buckets)
            difference.Buckets[bound] = count - (since?.Buckets.GetValueOrDefault(bound) ?? 0);
        return difference;
    }

    private static void Add(BackendTotals all, BackendTotals one)
    {
        all.Requests += one.Requests;
        all.Errors += one.Errors;
        all.PassedOver += one.PassedOver;
        all.StreamsOpen += one.StreamsOpen;
        foreach (var (bound, count) in one.Buckets)
            all.Buckets[bound] = all.Buckets.GetValueOrDefault(bound) + count;
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

    public static BackendFigures None { get; } = new(0, 0, 0, 0, null, 0);

    public static BackendFigures From(BackendTotals totals, double seconds) => new(
        (long)totals.Requests, seconds > 0 ? Math.Round(totals.Requests / seconds, 2) : 0, (long)totals.Errors, (long)totals.PassedOver,
        FindQuantile(totals.Buckets), (long)totals.StreamsOpen);

    /// <summary>As PromQL's histogram_quantile: evenly spread within a bucket; of the last bucket its lower bound.</summary>
    private static double? FindQuantile(SortedList<double, double> buckets)
    {
        if (buckets.Count == 0 || buckets.GetValueAtIndex(buckets.Count - 1) <= 0)
            return null;
        var rank = Quantile * buckets.GetValueAtIndex(buckets.Count - 1);
        var (lower, below) = (0.0, 0.0);
        foreach (var (bound, count) in buckets)
        {
            if (double.IsPositiveInfinity(bound))
                break;
            if (count >= rank)
                return Math.Round(lower + ((bound - lower) * (rank - below) / (count - below)), 6);
            (lower, below) = (bound, count);
        }

        return lower;
    }
}
