using System.Diagnostics.Metrics;
using CalendarService.Telemetry;
using ServiceDefaults.Metrics;

namespace CalendarService.Publishing.Spool;

internal sealed class SpoolMetrics
{
    private readonly Counter<long> _replayed;

    public SpoolMetrics(IMeterFactory meters, ZeroSeries zeros, SpoolIndex index, TimeProvider clock)
    {
        var meter = meters.Create(CalendarMetrics.MeterName); // The factory keeps one meter a name, and disposes of it.
        _replayed = meter.CreateCounter<long>("calendar_spool_replayed_total", description: "Spooled intents that reached the database");
        zeros.Declare(_replayed);
        meter.CreateObservableGauge("calendar_spool_depth", () => index.Depth, description: "Accepted intents that wait for the database");
        meter.CreateObservableGauge(
            "calendar_spool_oldest_seconds",
            () => index.Oldest is { } oldest ? Math.Max(0, (clock.GetUtcNow() - oldest).TotalSeconds) : 0,
            description: "How long the oldest accepted intent waits for the database");
    }

    public void Replayed() => _replayed.Add(1);
}
