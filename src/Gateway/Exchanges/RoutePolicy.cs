using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Gateway.Exchanges;

/// <summary>What the dry-run answers in a backend's place.</summary>
internal enum DryRunKind
{
    None,
    Generate,
    Export,
    Publish,
}

/// <summary>When a request that was already sent may be sent to the next link of its chain.</summary>
internal enum ReplayRule
{
    /// <summary>Only with a safe or idempotent method.</summary>
    Idempotent,

    /// <summary>With any method: doing it twice harms nobody.</summary>
    Always,
}

/// <summary>What the gateway does to the event streams of a route (docs/contract.md section 6).</summary>
internal enum StreamRule
{
    /// <summary>How they end is counted. Nothing is added and nothing is cut, however quiet they are.</summary>
    Count,

    /// <summary>Each ends in a terminal frame, of the gateway if need be.</summary>
    Guard,
}

/// <summary>What a route's metadata says to this gateway, read once a configuration.</summary>
/// <param name="Flag">The flag in front of the first link; null on a route that always goes there.</param>
/// <param name="Chain">The route's cluster, then its fallbacks in order.</param>
internal sealed record RoutePolicy(
    string RouteId, string? Flag, IReadOnlyList<Backend> Chain, DryRunKind DryRun, ReplayRule Replay, StreamRule Streams)
{
    /// <summary>
    /// The index of the chain's last cluster, which is tried whatever is thought of it; -1 for a flagged cluster with nothing but a
    /// dry-run behind it.
    /// </summary>
    public int LastResort { get; } = FindLastResort(Flag, Chain);

    /// <summary>What a link does not have (404), the next cluster is asked for.</summary>
    public bool AsksOnWhenNotFound { get; init; }

    /// <summary>What pages from elsewhere may do; null where that is the backends' own matter.</summary>
    public CorsPolicy? Cors { get; init; }

    /// <summary>The same route for preflights, which no flag decides.</summary>
    public RoutePolicy? Preflight { get; init; }

    public RoutePolicy For(HttpRequest request) => Preflight is not null && Exchanges.Preflight.IsOne(request) ? Preflight : this;

    private static int FindLastResort(string? flag, IReadOnlyList<Backend> chain)
    {
        var last = chain.Count - 1;
        while (last >= 0 && chain[last].IsDryRun)
            last--;
        return last == 0 && flag is not null ? -1 : last;
    }
}
