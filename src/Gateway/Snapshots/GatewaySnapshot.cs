using System.Collections.Frozen;
using Gateway.Configuration;
using Gateway.Exchanges;
using Gateway.Rollout;
using Gateway.Routing;

namespace Gateway.Snapshots;

/// <summary>The config folder at one moment: validated, immutable, read once a request.</summary>
/// <param name="Revision">The first 12 hex digits of SHA-256 over both files; equal on replicas with equal files.</param>
/// <param name="Flags">Every flag that a route or <c>rollout.json</c> names.</param>
internal sealed record GatewaySnapshot(
    string Revision,
    GatewayFile Gateway,
    RolloutFile Rollout,
    FrozenDictionary<string, Flag> Flags,
    IReadOnlyList<ConfigFinding> Warnings,
    DateTimeOffset LoadedAt)
{
    /// <summary>The route's policy; null for a route that another revision had and this one has not.</summary>
    public RoutePolicy? FindPolicy(string routeId) => Gateway.Policies.GetValueOrDefault(routeId);
}
