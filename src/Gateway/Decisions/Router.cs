using Gateway.Exchanges;
using Gateway.Snapshots;
using Gateway.Upstream;

namespace Gateway.Decisions;

/// <summary>Which link of a route's chain answers, and why.</summary>
/// <param name="Gate">What the switch and the cohort said.</param>
/// <param name="Start">The link that the gate chose, whether or not it can answer.</param>
/// <param name="Index">The first available link from <paramref name="Start"/> on; the chain's length when there is none.</param>
/// <param name="Reason">
/// <paramref name="Gate"/>, or why the link before <paramref name="Index"/> was passed over, or that this one is the last resort.
/// </param>
internal readonly record struct Decision(RoutePolicy Route, RouteReason Gate, int Start, int Index, RouteReason Reason)
{
    public bool HasBackend => Index < Route.Chain.Count;

    public Backend Backend => Route.Chain[Index];
}

/// <summary>
/// The one decision function (docs/contract.md section 3). Requests, <c>/explain</c>, <c>/console</c> and the command line all ask here.
/// </summary>
internal sealed class Router(ConfigStore store, Backends backends)
{
    /// <summary>No I/O, one snapshot: switch, then cohort, then availability.</summary>
    public Decision Decide(RoutePolicy route, Caller caller) => Decide(store.Current, route, caller);

    /// <param name="forced">The side that a tester's override asks for; null where the cohort decides. A flag that is off is off.</param>
    public Decision Decide(GatewaySnapshot snapshot, RoutePolicy route, Caller caller, bool? forced = null)
    {
        var gate = EvaluateGate(snapshot, route, caller);
        if (forced is not null && gate is (RouteReason.InCohort or RouteReason.OutsideCohort))
            gate = RouteReason.Override;
        var start = gate == RouteReason.Override ? (forced == true ? 0 : 1) : StartingLink(gate);
        return Walk(route, caller, gate, start, start, gate);
    }

    /// <summary>The decision that follows when the chosen link turned out not to answer.</summary>
    public Decision DecideAfter(Decision failed, Caller caller, RouteReason why) =>
        Walk(failed.Route, caller, failed.Gate, failed.Index, failed.Index + 1, why);

    public static RouteReason EvaluateGate(GatewaySnapshot snapshot, RoutePolicy route, Caller caller)
    {
        if (route.Flag is null)
            return RouteReason.Ungated;
        if (!snapshot.Flags.TryGetValue(route.Flag, out var flag) || !flag.Switch.On)
            return RouteReason.FlagOff;
        return flag.Accepts(caller) ? RouteReason.InCohort : RouteReason.OutsideCohort;
    }

    /// <returns>To which arm the caller's requests of this route belong; null where no cohort alone decides, or no hash.</returns>
    public static Assignment? Assign(GatewaySnapshot snapshot, RoutePolicy route, Caller caller)
    {
        // Nobody asks where nobody ramps.
        if (snapshot.Rollout.Ramps.Count == 0 || route.Flag is null || caller.UserId is null
            || !snapshot.Flags.TryGetValue(route.Flag, out var flag) || !flag.Switch.On)
            return null;
        var placement = flag.Place(caller);
        return placement.HashBucket is { } bucket ? new(bucket, placement.Accepted) : null;
    }

    /// <summary>The link of the chain that a gate opens: the route's cluster, or the first fallback.</summary>
    public static int StartingLink(RouteReason gate) => gate is RouteReason.FlagOff or RouteReason.OutsideCohort ? 1 : 0;

    private Decision Walk(RoutePolicy route, Caller caller, RouteReason gate, int start, int from, RouteReason why)
    {
        Decision? heldBack = null;
        for (var i = from; i < route.Chain.Count; i++)
        {
            var link = route.Chain[i];
            // Nobody gets a dry-run for the sake of sparing a backend that could answer.
            if (heldBack is { } spared && link.IsDryRun)
                return spared;
            var standing = backends.Look(link, route.RouteId);
            var available = standing.Availability == Availability.Available;
            if (available && !backends.HoldsBack(standing, caller))
                return new(route, gate, start, i, why);
            if (available)
                heldBack ??= new(route, gate, start, i, why);
            else if (i == route.LastResort && heldBack is null && backends.CanBeReached(link))
                return new(route, gate, start, i, RouteReason.LastResort);
            why = standing.Availability == Availability.CircuitOpen ? RouteReason.CircuitOpen : RouteReason.Unhealthy;
        }

        // Holding a caller back is for sparing a backend, never for refusing somebody.
        return heldBack ?? new(route, gate, start, route.Chain.Count, why);
    }
}
