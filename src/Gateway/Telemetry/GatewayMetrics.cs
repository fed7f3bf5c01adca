using System.Collections.Concurrent;
using Gateway.Exchanges;
using Prometheus;

namespace Gateway.Telemetry;

/// <summary>
/// The gateway's counters and histograms (docs/contract.md section 7). It is told what happened and knows nobody; label values come from
/// the configuration and from enums, never from a request. Labels stand in alphabetical order, as the page shows them.
/// </summary>
internal sealed class GatewayMetrics(IMetricFactory metrics)
{
    private static readonly double[] UpperBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    private static readonly HistogramConfiguration Seconds = new() { Buckets = UpperBounds };

    private readonly RouteFamilies _families = new(
        metrics.CreateCounter(
            "gateway_requests_total", "Requests answered on the public listener.", ["backend", "code", "reason", "route"]),
        metrics.CreateHistogram(
            "gateway_request_duration_seconds", "Time from the request's first byte to the answer's last; not of what streams.",
            ["backend", "route"], Seconds),
        metrics.CreateCounter("gateway_sse_streams_total", "Event streams that ended, by how.", ["backend", "outcome", "route"]),
        metrics.CreateGauge("gateway_sse_streams_active", "Event streams open now.", ["backend", "route"]),
        metrics.CreateHistogram(
            "gateway_sse_first_event_seconds", "Time from the request to the stream's first event.", ["backend", "route"], Seconds),
        metrics.CreateCounter(
            "gateway_fallbacks_total", "Requests answered further down the chain because a backend was away.",
            ["from", "reason", "route", "to"]));

    private readonly Counter _publishes = metrics.CreateCounter(
        "gateway_publish_requests_total", "Publish requests by who answered and how they ended.", ["backend", "outcome", "reason"]);

    private readonly Counter.Child[] _overrides = CreateOverrides(metrics);

    private readonly Histogram _upstreams = metrics.CreateHistogram(
        "gateway_upstream_duration_seconds", "Time from a try at a backend to the head of its answer.", ["backend"], Seconds);

    private readonly ConcurrentDictionary<(string Route, string Backend), RouteSeries> _byRoute = new();
    private readonly ConcurrentDictionary<string, Histogram.Child> _byUpstream = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, BackendCounts> _byBackend = new(StringComparer.Ordinal);

    /// <summary>Of the buckets of every histogram of times, in seconds.</summary>
    public static IReadOnlyList<double> Bounds => UpperBounds;

    /// <param name="elapsed">Null for what is open as long as it likes.</param>
    public void RequestCompleted(string route, string backend, RouteReason reason, int status, TimeSpan? elapsed)
    {
        var series = Series(route, backend);
        series.Requests(reason, status).Inc();
        if (elapsed is { } took)
            series.Duration.Observe(took.TotalSeconds);
        series.OfBackend.Answered(status, elapsed);
    }

    public void FellBack(string route, string from, string to, RouteReason reason)
    {
        Series(route, to).FallbacksFrom(from, reason).Inc();
        if (reason != RouteReason.NotFound) // Who answered that it has no such thing is well.
            Counts(from).PassedOver();
    }

    public void StreamOpened(string route, string backend)
    {
        var series = Series(route, backend);
        series.StreamsActive.Inc();
        series.OfBackend.StreamOpened();
    }

    /// <param name="toFirstEvent">Null when no event ever came.</param>
    public void StreamEnded(string route, string backend, StreamOutcome outcome, TimeSpan? toFirstEvent)
    {
        var series = Series(route, backend);
        series.StreamsActive.Dec();
        series.OfBackend.StreamEnded();
        series.Streams(outcome).Inc();
        if (toFirstEvent is { } elapsed)
            series.FirstEvent.Observe(elapsed.TotalSeconds);
    }

    public void PublishCompleted(string backend, RouteReason reason, PublishOutcome outcome) =>
        _publishes.WithLabels(backend, outcome.ToLabel(), reason.ToLabel()).Inc();

    public void OverrideAsked(OverrideOutcome outcome) => _overrides[(int)outcome].Inc();

    /// <summary>The head of a backend's answer is there, whatever it says.</summary>
    public void UpstreamAnswered(string backend, TimeSpan elapsed) => Upstream(backend).Observe(elapsed.TotalSeconds);

    /// <summary>
    /// Each of these puts series on the page as 0: a ratio over a missing series is silence, and an alert on silence never fires.
    /// </summary>
    public void DeclareRequests(string route, string backend, RouteReason reason) => Series(route, backend).DeclareRequests(reason);

    public void DeclareStreams(string route, string backend) => Series(route, backend).DeclareStreams();

    public void DeclareFallback(string route, string from, string to, RouteReason reason) =>
        Series(route, to).FallbacksFrom(from, reason);

    public void DeclarePublishes(string backend, RouteReason reason)
    {
        foreach (var outcome in PublishOutcomes.All)
            _publishes.WithLabels(backend, outcome.ToLabel(), reason.ToLabel());
    }

    public void DeclareUpstream(string backend) => Upstream(backend);

    /// <summary>What the series add up to, by who answered.</summary>
    public IReadOnlyDictionary<string, BackendTotals> ReadBackends() =>
        _byBackend.ToDictionary(static b => b.Key, static b => b.Value.Read(), StringComparer.Ordinal);

    private static Counter.Child[] CreateOverrides(IMetricFactory metrics)
    {
        var overrides = metrics.CreateCounter(
            "gateway_override_requests_total", "Requests that came with X-Rollout-Override, by what became of it.", ["outcome"]);
        return [.. OverrideOutcomes.All.Select(outcome => overrides.WithLabels(outcome.ToLabel()))];
    }

    private RouteSeries Series(string route, string backend) => _byRoute.GetOrAdd(
        (route, backend), static (key, metrics) => new(metrics._families, metrics.Counts(key.Backend), key.Route, key.Backend), this);

    private BackendCounts Counts(string backend) => _byBackend.GetOrAdd(backend, static _ => new(UpperBounds));

    private Histogram.Child Upstream(string backend) =>
        _byUpstream.GetOrAdd(backend, static (key, family) => family.WithLabels(key), _upstreams);
}
