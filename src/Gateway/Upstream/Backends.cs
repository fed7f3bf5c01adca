using System.Runtime.InteropServices;
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

/// <summary>How a backend stands, at one look.</summary>
/// <param name="BackSince">
/// By the clock's timestamp, the return of the destination that came back first; null when one was there all the time.
/// </param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Standing(Availability Availability, long? BackSince);

/// <summary>Which backends, and which of their destinations, can be asked at this moment.</summary>
internal sealed class Backends(
    IProxyStateLookup clusters, Circuits circuits, Reachability reachability, RiseFallHealthPolicy health,
    IOptions<UpstreamOptions> options, TimeProvider clock)
{
    /// <param name="routeId">Whose requests are meant: a backend may fail on one route and be well on the others.</param>
    public Standing Look(Backend backend, string? routeId)
    {
        if (backend.IsDryRun)
            return new(Availability.Available, null);
        if (!clusters.TryGetCluster(backend.Id, out var cluster) || cluster.DestinationsState.AvailableDestinations.Count == 0)
            return new(Availability.Unhealthy, null);
        var standing = new Standing(Availability.CircuitOpen, null);
        var believed = cluster.DestinationsState.AvailableDestinations;
        for (var i = 0; i < believed.Count; i++)
        {
            var circuit = circuits.Find(cluster.ClusterId, believed[i], routeId);
            if (circuit.Blocks)
                continue;
            // Trials have to get through, or it would never be known to be back.
            if (circuit.IsHalfOpen || Later(health.RecoveredAt(believed[i]), circuit.ClosedAgainAt) is not { } at)
                return new(Availability.Available, null);
            standing = new(Availability.Available, standing.BackSince < at ? standing.BackSince : at);
        }

        return standing;
    }

    /// <summary>The destinations that a request may be sent to; as a last resort every one that can be reached.</summary>
    public IReadOnlyList<DestinationState> GetDestinations(ClusterState cluster, string routeId, bool isLastResort)
    {
        if (isLastResort)
            return [.. cluster.DestinationsState.AllDestinations.Where(d => !reachability.IsAway(d))];
        var believed = cluster.DestinationsState.AvailableDestinations;
        for (var i = 0; i < believed.Count; i++)
        {
            if (circuits.Find(cluster.ClusterId, believed[i], routeId).Blocks)
                return ListUnblocked(believed, cluster, routeId);
        }

        return believed;
    }

    /// <summary>There is a destination that a connection can be made to, as far as is known.</summary>
    public bool CanBeReached(Backend backend) =>
        clusters.TryGetCluster(backend.Id, out var cluster)
        && cluster.DestinationsState.AllDestinations.Any(d => !reachability.IsAway(d));

    /// <summary>The backend has just come back and it is not yet this caller's turn: somebody else answers, if anybody can.</summary>
    public bool HoldsBack(Standing standing, Caller caller) =>
        standing.BackSince is { } since && Ramp.HoldsBack(caller, clock.GetElapsedTime(since) / options.Value.Ramp);

    /// <summary>How much of its ramp is over, where least is; 1 when all of its users are let in.</summary>
    public double GetRamp(Backend backend, IEnumerable<string> routeIds) => routeIds
        .Select(routeId => Look(backend, routeId).BackSince is { } since ? clock.GetElapsedTime(since) / options.Value.Ramp : 1)
        .Append(1).Min();

    private List<DestinationState> ListUnblocked(IReadOnlyList<DestinationState> believed, ClusterState cluster, string routeId) =>
        [.. believed.Where(d => !circuits.Find(cluster.ClusterId, d, routeId).Blocks)];

    private static long? Later(long? a, long? b) => a is null || a < b ? b : a;
}
