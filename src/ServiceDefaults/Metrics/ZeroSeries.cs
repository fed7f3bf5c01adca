using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ServiceDefaults.Metrics;

/// <summary>
/// Series that are exported as 0 before anything was recorded: a ratio over a missing series is silence,
/// and an alert on silence never fires.
/// </summary>
public sealed class ZeroSeries
{
    private readonly ConcurrentDictionary<string, Declared> _declared = new(StringComparer.Ordinal);

    /// <param name="instrument">A counter, up-down counter or histogram of ours.</param>
    /// <param name="labels">One label set, in any order.</param>
    public void Declare<T>(Instrument<T> instrument, params ReadOnlySpan<(string Name, string Value)> labels)
        where T : struct
    {
        var declared = _declared.GetOrAdd(instrument.Name, _ => new Declared(
            instrument,
            instrument is Histogram<T> histogram ? Boundaries(histogram) : null));
        var pairs = new KeyValuePair<string, string>[labels.Length];
        for (var i = 0; i < labels.Length; i++)
            pairs[i] = new(labels[i].Name, labels[i].Value);
        declared.LabelSets.TryAdd(PrometheusNames.Labels(pairs), true);
    }

    internal IEnumerable<Declared> All => _declared.Values;

    private static double[] Boundaries<T>(Histogram<T> histogram)
        where T : struct =>
        histogram.Advice?.HistogramBucketBoundaries?.Select(b => Convert.ToDouble(b)).ToArray()
            ?? throw new InvalidOperationException($"{histogram.Name} declares no bucket boundaries");

    internal sealed record Declared(Instrument Instrument, double[]? Boundaries)
    {
        public ConcurrentDictionary<string, bool> LabelSets { get; } = new(StringComparer.Ordinal);
    }
}
