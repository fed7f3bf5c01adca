using Prometheus;

namespace CalendarService.Storage;

/// <summary>What is true now of the database: read at each scrape.</summary>
internal sealed class StoreGauge(CollectorRegistry registry, IMetricFactory metrics, StoreHealth health)
{
    public void Register()
    {
        var up = metrics.CreateGauge("calendar_store_up", "1 when the calendar database can be read and written");
        registry.AddBeforeCollectCallback(() => up.Set(health.IsUp ? 1 : 0));
    }
}
