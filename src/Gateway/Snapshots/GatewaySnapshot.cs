using System.Collections.Frozen;
using Gateway.Changes;
using Gateway.Configuration;
using Gateway.Exchanges;
using Gateway.Rollout;
using Gateway.Routing;

namespace Gateway.Snapshots;

/// <summary>The config folder at one moment: validated, immutable, read once a request.</summary>
/// <param name="Files">As they were read; their revision is that of the snapshot, equal on replicas with equal files.</param>
/// <param name="Flags">Every flag that a route or <c>rollout.json</c> names.</param>
internal sealed record GatewaySnapshot(
    ConfigFiles Files,
    GatewayFile Gateway,
    RolloutFile Rollout,
    FrozenDictionary<string, Flag> Flags,
    IReadOnlyList<ConfigFinding> Warnings,
    DateTimeOffset LoadedAt)
{
    public string Revision => Files.Revision;

    /// <summary>The route's policy; null for a route that another revision had and this one has not.</summary>
    public RoutePolicy? FindPolicy(string routeId) => Gateway.Policies.GetValueOrDefault(routeId);

    /// <summary>What the two say differently, in words.</summary>
    public IReadOnlyList<ConfigChange> DescribeChanges(GatewaySnapshot next) => ConfigDifference.Describe(ToSide(), next.ToSide());

    private ConfigSide ToSide() => new(Files.Gateway!, Files.Rollout!, Flags);
}
