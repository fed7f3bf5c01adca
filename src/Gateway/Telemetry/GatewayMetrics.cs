using System.Diagnostics.Metrics;
using Gateway.Exchanges;
using Gateway.Snapshots;
using ServiceDefaults.Metrics;

namespace Gateway.Telemetry;

/// <summary>The gateway's metrics (contract section 7). Label values come from the configuration and from enums, never from a request.</summary>
internal sealed class GatewayMetrics
{
    public const string MeterName = "Gateway";

    private static readonly InstrumentAdvice<double> RequestBuckets = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    };

    private readonly ZeroSeries _zeros;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _fallbacks;
    private readonly Counter<long> _streams;
    private readonly UpDownCounter<long> _streamsActive;
    private readonly Histogram<double> _firstEvent;
    private readonly Counter<long> _publishes;

    public GatewayMetrics(IMeterFactory meters, ZeroSeries zeros, ConfigStore store)
    {
        _zeros = zeros;
        var meter = meters.Create(MeterName);
        _requests = meter.CreateCounter<long>("gateway_requests_total", null, "Requests answered on the public listener.");
        _duration = meter.CreateHistogram(
            "gateway_request_duration_seconds", "s", "Time from the request's first byte to the answer's last.", null, RequestBuckets);
        _fallbacks = meter.CreateCounter<long>("gateway_fallbacks_total", null, "Requests answered further down the chain because a backend was away.");
        _streams = meter.CreateCounter<long>("gateway_sse_streams_total", null, "Event streams that ended, by how.");
        _streamsActive = meter.CreateUpDownCounter<long>("gateway_sse_streams_active", null, "Event streams open now.");
        _firstEvent = meter.CreateHistogram(
            "gateway_sse_first_event_seconds", "s", "Time from the request to the stream's first event.", null, RequestBuckets);
        _publishes = meter.CreateCounter<long>("gateway_publish_requests_total", null, "Publish requests by who answered and how they ended.");

        DeclareZeros(store.Current);
        store.Swapped += DeclareZeros;
    }

    public void RequestCompleted(Exchange exchange, int status, TimeSpan elapsed)
    {
        _requests.Add(
            1,
            new("route", exchange.RouteId), new("backend", exchange.ServedBy),
            new("reason", exchange.Reason.ToLabel()), new("code", CodeClass(status)));
        _duration.Record(elapsed.TotalSeconds, new("route", exchange.RouteId), new("backend", exchange.ServedBy));
    }

    public void FellBack(RoutePolicy route, Backend from, Backend to, RouteReason reason) =>
        _fallbacks.Add(
            1, new("route", route.RouteId), new("from", from.Id), new("to", to.Id), new("reason", reason.ToLabel()));

    public void StreamOpened(Exchange exchange) =>
        _streamsActive.Add(1, new("route", exchange.RouteId), new("backend", exchange.ServedBy));

    /// <param name="toFirstEvent">Null when no event ever came.</param>
    public void StreamEnded(Exchange exchange, StreamOutcome outcome, TimeSpan? toFirstEvent)
    {
        _streamsActive.Add(-1, new("route", exchange.RouteId), new("backend", exchange.ServedBy));
        _streams.Add(
            1, new("route", exchange.RouteId), new("backend", exchange.ServedBy), new("outcome", outcome.ToLabel()));
        if (toFirstEvent is { } elapsed)
            _firstEvent.Record(elapsed.TotalSeconds, new("route", exchange.RouteId), new("backend", exchange.ServedBy));
    }

    public void Published(Exchange exchange, PublishOutcome outcome) =>
        _publishes.Add(1, new("backend", exchange.ServedBy), new("outcome", outcome.ToLabel()));

    private static string CodeClass(int status) => status switch
    {
        < 200 => "1xx",
        < 300 => "2xx",
        < 400 => "3xx",
        < 500 => "4xx",
        _ => "5xx",
    };

    /// <summary>Every series that this configuration can produce, so that a ratio over them is a number from the first scrape.</summary>
    private void DeclareZeros(GatewaySnapshot snapshot)
    {
        foreach (var policy in snapshot.Gateway.Policies.Values)
        {
            foreach (var backend in policy.Chain.Append(new Backend(Backend.GatewayId)))
                DeclareRoute(policy, backend);
            for (var from = 0; from < policy.Chain.Count; from++)
            {
                foreach (var to in policy.Chain.Skip(from + 1))
                    DeclareFallback(policy, policy.Chain[from], to);
            }

            if (policy.DryRun != DryRunKind.Publish)
                continue;
            foreach (var backend in policy.Chain.Append(new Backend(Backend.GatewayId)))
            {
                foreach (var outcome in Enum.GetValues<PublishOutcome>())
                    _zeros.Declare(_publishes, ("backend", backend.Id), ("outcome", outcome.ToLabel()));
            }
        }
    }

    private void DeclareRoute(RoutePolicy policy, Backend backend)
    {
        _zeros.Declare(_duration, ("route", policy.RouteId), ("backend", backend.Id));
        foreach (var reason in RouteReasons.All.Where(r => CanHappen(policy, backend, r)))
        {
            foreach (var code in (string[])["2xx", "3xx", "4xx", "5xx"])
                _zeros.Declare(_requests, ("route", policy.RouteId), ("backend", backend.Id), ("reason", reason.ToLabel()), ("code", code));
        }

        if (backend.Id == Backend.GatewayId)
            return;
        _zeros.Declare(_streamsActive, ("route", policy.RouteId), ("backend", backend.Id));
        _zeros.Declare(_firstEvent, ("route", policy.RouteId), ("backend", backend.Id));
        foreach (var outcome in Enum.GetValues<StreamOutcome>())
            _zeros.Declare(_streams, ("route", policy.RouteId), ("backend", backend.Id), ("outcome", outcome.ToLabel()));
    }

    private void DeclareFallback(RoutePolicy policy, Backend from, Backend to)
    {
        foreach (var reason in RouteReasons.All.Where(r => r >= RouteReason.Unhealthy))
            _zeros.Declare(_fallbacks, ("route", policy.RouteId), ("from", from.Id), ("to", to.Id), ("reason", reason.ToLabel()));
    }

    private static bool CanHappen(RoutePolicy policy, Backend backend, RouteReason reason) => reason switch
    {
        _ when backend.Id == Backend.GatewayId => reason >= RouteReason.Unhealthy,
        RouteReason.Ungated => policy.Flag is null && backend == policy.Chain[0],
        RouteReason.InCohort => policy.Flag is not null && backend == policy.Chain[0],
        RouteReason.FlagOff or RouteReason.OutsideCohort => policy.Flag is not null && policy.Chain.Count > 1 && backend == policy.Chain[1],
        _ => backend != policy.Chain[0],
    };
}
