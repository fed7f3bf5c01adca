using Gateway.Routing;
using Yarp.ReverseProxy;

namespace Gateway.Upstream;

internal enum Availability
{
    Available,

    /// <summary>No destination that the probes believe in.</summary>
    Unhealthy,

    CircuitOpen,
}

/// <summary>Whether a backend can be asked at this moment.</summary>
internal sealed class Backends(IProxyStateLookup clusters, Circuits circuits)
{
    public Availability AvailabilityOf(Backend backend)
    {
        if (backend.IsDryRun)
            return Availability.Available;
        if (!clusters.TryGetCluster(backend.Id, out var cluster) || cluster.DestinationsState.AvailableDestinations.Count == 0)
            return Availability.Unhealthy;
        return circuits.Of(backend.Id).Blocks ? Availability.CircuitOpen : Availability.Available;
    }
}
