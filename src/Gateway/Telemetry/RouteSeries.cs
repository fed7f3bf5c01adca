using Gateway.Exchanges;
using Prometheus;

namespace Gateway.Telemetry;

/// <summary>The metrics whose labels begin with a route and a backend.</summary>
internal sealed record RouteFamilies(
    Counter Requests, Histogram Duration, Counter Streams, Gauge StreamsActive, Histogram FirstEvent, Counter Fallbacks);

/// <summary>
/// The series of one route and backend, each looked up once: counting a request compares no labels. Two threads that look up the same
/// series get the same one, so a lost write to a field here is only a second look-up.
/// </summary>
internal sealed class RouteSeries(RouteFamilies families, BackendCounts ofBackend, string route, string backend)
{
    private static readonly string[] CodeClasses = ["1xx", "2xx", "3xx", "4xx", "5xx"];

    private readonly Counter.Child?[] _requests = new Counter.Child?[RouteReasons.All.Count * CodeClasses.Length];
    private readonly Counter.Child?[] _streams = new Counter.Child?[StreamOutcomes.All.Count];
    private (string From, Counter.Child?[] ByReason)[] _fallbacks = [];
    private Gauge.Child? _streamsActive;
    private Histogram.Child? _firstEvent;

    /// <summary>Shared by all routes of the backend.</summary>
    public BackendCounts OfBackend => ofBackend;

    public Histogram.Child Duration { get; } = families.Duration.WithLabels(backend, route);

    public Gauge.Child StreamsActive => _streamsActive ??= families.StreamsActive.WithLabels(backend, route);

    public Histogram.Child FirstEvent => _firstEvent ??= families.FirstEvent.WithLabels(backend, route);

    public Counter.Child Requests(RouteReason reason, int status)
    {
        var code = Math.Clamp(status / 100, 1, CodeClasses.Length) - 1;
        return _requests[((int)reason * CodeClasses.Length) + code]
            ??= families.Requests.WithLabels(backend, CodeClasses[code], reason.ToLabel(), route);
    }

    public Counter.Child Streams(StreamOutcome outcome) =>
        _streams[(int)outcome] ??= families.Streams.WithLabels(backend, outcome.ToLabel(), route);

    /// <summary>Of those that this backend answered in another's place.</summary>
    public Counter.Child FallbacksFrom(string backendAway, RouteReason reason)
    {
        foreach (var (from, byReason) in _fallbacks)
        {
            if (from == backendAway)
                return byReason[(int)reason] ??= families.Fallbacks.WithLabels(backendAway, reason.ToLabel(), route, backend);
        }

        _fallbacks = [.. _fallbacks, (backendAway, new Counter.Child?[RouteReasons.All.Count])];
        return FallbacksFrom(backendAway, reason);
    }

    public void DeclareRequests(RouteReason reason)
    {
        foreach (var status in (ReadOnlySpan<int>)[200, 300, 400, 500])
            Requests(reason, status);
    }

    public void DeclareStreams()
    {
        _ = (StreamsActive, FirstEvent);
        foreach (var outcome in StreamOutcomes.All)
            Streams(outcome);
    }
}
