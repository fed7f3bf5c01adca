using Gateway.Decisions;
using Gateway.Exchanges;
using Gateway.Routing;
using Gateway.Snapshots;

namespace Gateway.Diff;

/// <summary>One of the two folders, able to say where a request would go; every backend counts as available.</summary>
internal sealed class ComparedFolder : IAsyncDisposable
{
    private readonly TrialProxy _proxy;
    private readonly RouteMatcher _matcher;

    /// <summary>A route of each flag, and one without: what a flag says of a user it says on every route.</summary>
    private readonly RoutePolicy[] _gates;

    private readonly Dictionary<string, string> _addresses;

    public ComparedFolder(GatewaySnapshot snapshot)
    {
        Snapshot = snapshot;
        _proxy = new TrialProxy(snapshot.Gateway.Routes, snapshot.Gateway.Clusters);
        _matcher = _proxy.CreateMatcher();
        _gates = [.. snapshot.Gateway.Policies.Values.DistinctBy(policy => policy.Flag, StringComparer.Ordinal)];
        _addresses = snapshot.Gateway.Clusters.ToDictionary(
            cluster => cluster.ClusterId,
            cluster => string.Join(", ", cluster.Destinations!.Select(d => d.Value.Address).Order(StringComparer.Ordinal)),
            StringComparer.OrdinalIgnoreCase);
    }

    public GatewaySnapshot Snapshot { get; }

    /// <summary>Requests that each route is meant for; none where none could be made up.</summary>
    public IEnumerable<(string RouteId, IEnumerable<RequestWitness> Requests)> FindRequests() =>
        Snapshot.Gateway.Routes.Select(route => (route.RouteId, _proxy.FindRequests(route)));

    /// <summary>The route that a request takes; null when the gateway itself answers.</summary>
    public async Task<RoutePolicy?> MatchAsync(RequestWitness request) =>
        await _matcher.MatchAsync(_proxy.ToContext(request), request.Target) is { } routeId ? Snapshot.FindPolicy(routeId) : null;

    /// <summary>The place of the route's flag in what <see cref="EvaluateGates"/> says.</summary>
    public int GateOf(RoutePolicy? route) => route is null ? -1 : Array.FindIndex(_gates, gate => gate.Flag == route.Flag);

    /// <summary>What each flag says of the caller.</summary>
    public RouteReason[] EvaluateGates(Caller caller)
    {
        var verdicts = new RouteReason[_gates.Length];
        for (var i = 0; i < verdicts.Length; i++)
            verdicts[i] = Router.EvaluateGate(Snapshot, _gates[i], caller);
        return verdicts;
    }

    public static string FindBackend(RoutePolicy? route, RouteReason gate) =>
        route is null ? Backend.GatewayId : route.Chain[Router.StartingLink(gate)].Id;

    /// <summary>Where the backend's destinations are; nothing for the gateway's own answers.</summary>
    public string AddressesOf(string backend) => _addresses.GetValueOrDefault(backend, "");

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();
}
