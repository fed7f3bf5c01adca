using Prometheus;

namespace ServiceDefaults.Metrics;

public static class GaugeExtensions
{
    private static readonly Lock OneScrapeAtATime = new();

    /// <summary>
    /// For a gauge with one label, read at each scrape: afterwards it has these series and no others. The library keeps a series until it
    /// is removed, and what left the configuration must leave the page.
    /// </summary>
    /// <param name="now">Read while no other scrape writes, so that the later scrape shows the later state.</param>
    public static void SetAll(this Gauge gauge, IEnumerable<(string Label, double Value)> now)
    {
        lock (OneScrapeAtATime)
        {
            var gone = gauge.GetAllLabelValues().Select(labels => labels[0]).ToHashSet(StringComparer.Ordinal);
            foreach (var (label, value) in now)
            {
                gauge.WithLabels(label).Set(value);
                gone.Remove(label);
            }

            foreach (var label in gone)
                gauge.RemoveLabelled(label);
        }
    }
}
