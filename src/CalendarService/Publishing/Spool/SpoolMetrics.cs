using Prometheus;

namespace CalendarService.Publishing.Spool;

/// <summary>What left the spool, and what is true now of the rest: read at each scrape.</summary>
internal sealed class SpoolMetrics(CollectorRegistry registry, IMetricFactory metrics, SpoolIndex index, TimeProvider clock)
{
    private readonly Gauge _depth = metrics.CreateGauge("calendar_spool_depth", "Accepted intents that wait for the database");

    private readonly Gauge _oldest = metrics.CreateGauge(
        "calendar_spool_oldest_seconds", "How long the oldest accepted intent waits for the database");

    private readonly Counter _replayed = metrics.CreateCounter(
        "calendar_spool_replayed_total", "Spooled intents that reached the database");

    public void Replayed() => _replayed.Inc();

    public void Register() => registry.AddBeforeCollectCallback(() =>
    {
        _depth.Set(index.Depth);
        _oldest.Set(index.Oldest is { } since ? Math.Max(0, (clock.GetUtcNow() - since).TotalSeconds) : 0);
    });
}
