using Prometheus;

namespace ServiceDefaults.Metrics;

public static class GaugeExtensions
{
    private static readonly Lock OneScrapeAtATime = new();

    /// <summary>
    /// For a gauge with labels, read at each scrape: afterwards it has these series and no others. The library keeps a series until it
    /// is removed, and what left the configuration must leave the page.
    /// </summary>
    /// <param name="now">Read while no other scrape writes, so that the later scrape shows the later state.</param>
    public static void SetAll(this Gauge gauge, IEnumerable<(string[] Labels, double Value)> now)
    {
        lock (OneScrapeAtATime)
        {
            var gone = gauge.GetAllLabelValues().ToDictionary(ToKey, StringComparer.Ordinal);
            foreach (var (labels, value) in now)
            {
                gauge.WithLabels(labels).Set(value);
                gone.Remove(ToKey(labels));
            }

            foreach (var labels in gone.Values)
                gauge.RemoveLabelled(labels);
        }

        static string ToKey(string[] labels) => string.Join('\0', labels);
    }

    /// <inheritdoc cref="SetAll(Gauge, IEnumerable{ValueTuple{string[], double}})"/>
    public static void SetAll(this Gauge gauge, IEnumerable<(string Label, double Value)> now) =>
        gauge.SetAll(now.Select(series => (Labels: (string[])[series.Label], series.Value)));
}
