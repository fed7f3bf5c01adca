using System.Text.RegularExpressions;
using Gateway.Configuration;
using Gateway.Exchanges;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Gateway.Routing;

/// <summary>Reads what a route's metadata says to this gateway.</summary>
internal static partial class RoutePolicyReader
{
    private const string Legacy = "legacy";

    private static readonly string[] Known = ["Flag", "Fallback", "DryRun", "Replay", "Streams"];

    /// <param name="metadata">With keys compared as configuration compares them.</param>
    /// <param name="path">The route's own, for findings.</param>
    public static RoutePolicy Read(
        string routeId, string clusterId, Dictionary<string, string> metadata, IReadOnlySet<string> clusterIds, CorsPolicy? cors,
        string path, FindingList findings)
    {
        string? Metadata(string key) => metadata.GetValueOrDefault(key);
        path += ":Metadata";

        foreach (var (key, value) in metadata.Where(m => !Known.Contains(m.Key, StringComparer.OrdinalIgnoreCase)))
            findings.Warning($"{path}:{key}", value, "a key this gateway reads: " + string.Join(", ", Known));

        var flag = Metadata("Flag");
        if (flag is not null && !EnvironmentVariable().IsMatch(flag))
            findings.Error($"{path}:Flag", flag, "the name of an environment variable: letters, digits and _");

        var chain = new List<Backend> { new(clusterId) };
        chain.AddRange((Metadata("Fallback") ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(id => new Backend(id)));
        var dryRun = ReadWord<DryRunKind>(Metadata("DryRun"), $"{path}:DryRun", "generate, export or publish", findings);
        var replay = ReadWord<ReplayRule>(Metadata("Replay"), $"{path}:Replay", "idempotent or always", findings);
        // Who has a flag speaks our protocol, or is about to.
        var streams = ReadWord<StreamRule>(
            Metadata("Streams") ?? (flag is null ? "count" : "guard"), $"{path}:Streams", "guard or count", findings);

        CheckChain(chain, clusterIds, Metadata("Fallback"), dryRun, path, findings);
        if (flag is not null && chain.Count < 2)
            findings.Error($"{path}:Fallback", null, "who answers while the flag is off, as \"legacy\" or \"legacy,dry-run\"");
        if (replay == ReplayRule.Always && dryRun == DryRunKind.Publish)
            findings.Error($"{path}:Replay", "always", "idempotent: a publish is never sent twice");
        return WithPreflight(new(routeId, flag, chain, dryRun, replay, streams) { Cors = cors }, clusterIds);
    }

    /// <summary>
    /// Preflights name no user, so the last cluster that answers without the flag takes them: of a chain that has none, the cluster
    /// <c>legacy</c> if there is one.
    /// </summary>
    private static RoutePolicy WithPreflight(RoutePolicy route, IReadOnlySet<string> clusterIds)
    {
        var cluster = route.Flag is null ? route.Chain[0]
            : route.Chain.Skip(1).LastOrDefault(link => !link.IsDryRun)
                ?? (clusterIds.Contains(Legacy) ? new(Legacy) : route.Chain[0]);
        return route with
        {
            Preflight = new(route.RouteId, null, [cluster], DryRunKind.None, ReplayRule.Idempotent, route.Streams) { Cors = route.Cors },
        };
    }

    private static void CheckChain(
        List<Backend> chain, IReadOnlySet<string> clusterIds, string? text, DryRunKind dryRun, string path, FindingList findings)
    {
        for (var i = 1; i < chain.Count; i++)
        {
            if (chain[i].IsDryRun ? i < chain.Count - 1 : !clusterIds.Contains(chain[i].Id))
                findings.Error($"{path}:Fallback", text,
                    $"a comma-separated list of clusters ({string.Join(", ", clusterIds)}), dry-run only at its end");
        }

        if (chain.Select(b => b.Id).Distinct(StringComparer.OrdinalIgnoreCase).Count() != chain.Count)
            findings.Error($"{path}:Fallback", text, "each backend once, and not the route's own cluster");
        if (chain[^1].IsDryRun && dryRun == DryRunKind.None)
            findings.Error($"{path}:DryRun", null, "generate, export or publish, because Fallback ends in dry-run");
        if (!chain[^1].IsDryRun && dryRun != DryRunKind.None)
            findings.Error($"{path}:Fallback", text, "dry-run at its end, because DryRun names a responder");
    }

    private static T ReadWord<T>(string? text, string path, string expected, FindingList findings)
        where T : struct, Enum
    {
        if (text is null)
            return default;
        // By name, because Enum.TryParse also takes numbers and lists; either in this file is a mistake.
        var name = Enum.GetNames<T>().FirstOrDefault(n => n != "None" && n.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (name is not null)
            return Enum.Parse<T>(name);
        findings.Error(path, text, expected);
        return default;
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex EnvironmentVariable();
}
