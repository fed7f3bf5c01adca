using Gateway.Exchanges;
using Gateway.Health;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace Gateway.Upstream;

internal enum Availability
{
    Available,

    /// <summary>No destination that the probes believe in.</summary>
    Unhealthy,

    CircuitOpen,
}

/// <summary>Which backends, and which of their destinations, can be asked at this moment.</summary>
internal sealed class Backends(
    IProxyStateLookup clusters, Circuits circuits, Reachability reachability, RiseFallHealthPolicy health,
    IOptions<UpstreamOptions> options, TimeProvider clock)
{
    /// <param name="routeId">Whose requests are meant: a backend may fail on one route and be well on the others.</param>
    public Availability GetAvailability(Backend backend, string? routeId)
    {
        if (backend.IsDryRun)
            return Availability.Available;
        if (!clusters.TryGetCluster(backend.Id, out var cluster) || cluster.DestinationsState.AvailableDestinations.Count == 0)
            return Availability.Unhealthy;
        var believed = cluster.DestinationsState.AvailableDestinations;
        for (var i = 0; i < believed.Count; i++)
        {
            if (!circuits.Block(routeId, cluster.ClusterId, believed[i]))
                return Availability.Available;
        }

        return Availability.CircuitOpen;
    }

    /// <summary>The destinations that a request may be sent to; as a last resort every one that can be reached.</summary>
    public IReadOnlyList<DestinationState> GetDestinations(ClusterState cluster, string routeId, bool isLastResort)
    {
        if (isLastResort)
            return [.. cluster.DestinationsState.AllDestinations.Where(d => !reachability.IsAway(d))];
        var believed = cluster.DestinationsState.AvailableDestinations;
        for (var i = 0; i < believed.Count; i++)
        {
            if (circuits.Block(routeId, cluster.ClusterId, believed[i]))
                return ListUnblocked(believed, cluster, routeId);
        }

        return believed;
    }

    /// <summary>There is a destination that a connection can be made to, as far as is known.</summary>
    public bool CanBeReached(Backend backend) =>
        clusters.TryGetCluster(backend.Id, out var cluster)
        && cluster.DestinationsState.AllDestinations.Any(d => !reachability.IsAway(d));

    /// <summary>The backend has just come back and it is not yet this caller's turn: somebody else answers, if anybody can.</summary>
    public bool HoldsBack(Backend backend, string routeId, Caller caller) =>
        !backend.IsDryRun
        && clusters.TryGetCluster(backend.Id, out var cluster)
        && BackSince(cluster, routeId) is { } since
        && Ramp.HoldsBack(caller, clock.GetElapsedTime(since) / options.Value.Ramp);

    /// <summary>How much of its ramp is over, where least is; 1 when all of its users are let in.</summary>
    public double GetRamp(Backend backend, IEnumerable<string> routeIds) => !clusters.TryGetCluster(backend.Id, out var cluster) ? 1
        : routeIds.Select(routeId => BackSince(cluster, routeId) is { } since ? clock.GetElapsedTime(since) / options.Value.Ramp : 1)
            .Append(1).Min();

    /// <summary>The timestamp of the return of the destination that came back first; null when one was there all the time.</summary>
    private long? BackSince(ClusterState cluster, string routeId)
    {
        long? first = null;
        var believed = cluster.DestinationsState.AvailableDestinations;
        for (var i = 0; i < believed.Count; i++)
        {
            var destination = believed[i];
            if (circuits.Block(routeId, cluster.ClusterId, destination))
                continue;
            var reach = circuits.Find(cluster.ClusterId, destination, null);
            var answers = circuits.Find(cluster.ClusterId, destination, routeId);
            // Trials have to get through, or it would never be known to be back.
            if (reach is { State: CircuitState.HalfOpen } || answers is { State: CircuitState.HalfOpen })
                return null;
            var at = Later(health.RecoveredAt(destination), Later(reach?.ClosedAgainAt, answers?.ClosedAgainAt));
            if (at is null)
                return null;
            first = first < at ? first : at;
        }

        return first;
    }

    private List<DestinationState> ListUnblocked(IReadOnlyList<DestinationState> believed, ClusterState cluster, string routeId) =>
        [.. believed.Where(d => !circuits.Block(routeId, cluster.ClusterId, d))];

    private static long? Later(long? a, long? b) => a is null || a < b ? b : a;
}
