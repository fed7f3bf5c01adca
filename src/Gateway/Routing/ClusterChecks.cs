using System.Globalization;
using Gateway.Configuration;
using Gateway.Health;
using ServiceDefaults.Options;

namespace Gateway.Routing;

/// <summary>What values of a cluster say together that none of them says alone.</summary>
internal static class ClusterChecks
{
    /// <summary>After which nobody would call it noticing; alerts wait a minute on top of it.</summary>
    private static readonly TimeSpan NoticedWithin = TimeSpan.FromMinutes(5);

    // YARP's own.
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    public static void Check(IEnumerable<IConfigurationSection> clusters, FindingList findings)
    {
        foreach (var cluster in clusters)
        {
            FindAlike(cluster, findings);
            CheckProbes(cluster, findings);
        }
    }

    private static void FindAlike(IConfigurationSection cluster, FindingList findings)
    {
        var destinations = cluster.GetSection("Destinations").GetChildren()
            .Where(d => Uri.TryCreate(d["Address"], UriKind.Absolute, out _))
            .GroupBy(d => (new Uri(d["Address"]!).AbsoluteUri, d["Host"], d["Health"]));
        foreach (var alike in destinations)
        {
            foreach (var again in alike.Skip(1))
            {
                findings.Warning(
                    $"{again.Path}:Address", again["Address"],
                    $"another address than destination {alike.First().Key} has: one backend that is listed twice is asked twice as often");
            }
        }
    }

    private static void CheckProbes(IConfigurationSection cluster, FindingList findings)
    {
        var active = cluster.GetSection("HealthCheck:Active");
        if (active["Policy"] is { } policy && !ClusterShape.ActivePolicies.Contains(policy, StringComparer.OrdinalIgnoreCase))
            return; // Told by its shape, and what was meant decides the rest.
        var isRiseFall = RiseFallHealthPolicy.PolicyName.Equals(active["Policy"], StringComparison.OrdinalIgnoreCase);
        foreach (var key in cluster.GetSection("Metadata").GetChildren().Where(m => !isRiseFall && RiseFallOptions.Reads(m.Key)))
        {
            findings.Warning(
                key.Path, key.Value,
                $"the policy {RiseFallHealthPolicy.PolicyName} of HealthCheck:Active: without it nobody reads this key");
        }

        if (!bool.TryParse(active["Enabled"], out var enabled) || !enabled)
            return;
        var (interval, timeout) = (Read(active["Interval"], DefaultInterval), Read(active["Timeout"], DefaultTimeout));
        if (interval > ClusterShape.LongestProbe || timeout > ClusterShape.LongestProbe)
            return; // Told by their shape.
        var probe = interval + timeout;
        var fall = isRiseFall ? RiseFallOptions.ReadFall(cluster.GetSection("Metadata")) : 1;
        if (probe * fall > NoticedWithin)
        {
            findings.Warning(
                $"{active.Path}:Interval", active["Interval"], string.Create(CultureInfo.InvariantCulture,
                    $"a dead destination noticed within {NoticedWithin:c}: {fall} probes of up to {probe:c} take longer"));
        }
    }

    private static TimeSpan Read(string? text, TimeSpan missing) => Durations.TryParse(text, out var span) ? span : missing;
}
