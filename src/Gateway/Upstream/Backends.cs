using Gateway.Exchanges;
using Microsoft.Extensions.Options;
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
internal sealed class Backends(
    IProxyStateLookup clusters, Circuits circuits, Recovery recovery, IOptions<UpstreamOptions> options)
{
    public Availability GetAvailability(Backend backend)
    {
        if (backend.IsDryRun)
            return Availability.Available;
        if (!clusters.TryGetCluster(backend.Id, out var cluster) || cluster.DestinationsState.AvailableDestinations.Count == 0)
            return Availability.Unhealthy;
        return circuits.GetCircuit(backend.Id).Blocks ? Availability.CircuitOpen : Availability.Available;
    }

    /// <summary>The backend has just come back and it is not yet this caller's turn: somebody else answers, if anybody can.</summary>
    public bool HoldsBack(Backend backend, Availability seen, Caller caller) =>
        !backend.IsDryRun && recovery.HoldsBack(backend.Id, seen == Availability.Available, caller, options.Value.Ramp);
}
