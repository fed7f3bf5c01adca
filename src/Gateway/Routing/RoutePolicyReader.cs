using Gateway.Configuration;
using Gateway.Exchanges;
using Microsoft.AspNetCore.Cors.Infrastructure;
using ServiceDefaults.Options;
using static Gateway.Configuration.JsonShape;

namespace Gateway.Routing;

/// <summary>Reads what a route's metadata says to this gateway.</summary>
internal static class RoutePolicyReader
{
    private const string Legacy = "legacy";
    private const string NotFound = "404";

    public static JsonShape Shape { get; } = Metadata(
        ("Flag", Matching("the name of an environment variable: letters, digits and _", "^[A-Za-z_][A-Za-z0-9_]*$")
            .As("The flag in front of the route's cluster; without one every request goes there.")),
        ("Fallback", TextThat("clusters with commas, dry-run only at the end", text => text.Length > 0)
            .As("Who answers instead, in order, as \"legacy,dry-run\". A route with a Flag needs one.")),
        ("DryRun", (OneOf("generate", "export", "publish") with { Expected = "generate, export or publish" })
            .As("Which dry-run answers; goes with dry-run in Fallback.")),
        ("Replay", (OneOf("idempotent", "always") with { Expected = "idempotent or always" })
            .As("A request that was sent is sent again if its method is idempotent (default), or always.")),
        ("Streams", (OneOf("guard", "count") with { Expected = "guard or count" })
            .As("guard (default with a Flag): each event stream ends in a terminal frame; count (default without): passes as it is.")),
        ("FallbackOn", (OneOf(NotFound) with { Expected = NotFound })
            .As("404: a GET or HEAD for what a cluster does not have is asked of the next one, as for what has not been migrated yet.")));

    /// <param name="metadata">With keys compared as configuration compares them.</param>
    /// <param name="path">The route's own, for findings.</param>
    public static RoutePolicy Read(
        string routeId, string clusterId, Dictionary<string, string> metadata, IReadOnlySet<string> clusterIds, CorsPolicy? cors,
        string path, FindingList findings)
    {
        string? Metadata(string key) => metadata.GetValueOrDefault(key);
        path += ":Metadata";

        var flag = Metadata("Flag");
        var chain = new List<Backend> { new(clusterId) };
        chain.AddRange((Metadata("Fallback") ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(id => new Backend(id)));
        var dryRun = ReadWord<DryRunKind>(Metadata("DryRun"));
        var replay = ReadWord<ReplayRule>(Metadata("Replay"));
        // Who has a flag speaks our protocol, or is about to.
        var streams = ReadWord<StreamRule>(Metadata("Streams") ?? (flag is null ? "count" : "guard"));

        CheckChain(chain, clusterIds, Metadata("Fallback"), (dryRun, Metadata("DryRun") is not null), path, findings);
        if (flag is not null && chain.Count < 2)
            findings.Error($"{path}:Fallback", null, "who answers while the flag is off, as \"legacy\" or \"legacy,dry-run\"");
        if (replay == ReplayRule.Always && dryRun == DryRunKind.Publish)
            findings.Error($"{path}:Replay", "always", "idempotent: a publish is never sent twice");
        var asksOn = Metadata("FallbackOn") == NotFound;
        // A dry-run is never asked for what was not found: it would find anything.
        if (asksOn && chain.Skip(1).All(link => link.IsDryRun))
            findings.Warning($"{path}:FallbackOn", NotFound, "a cluster in Fallback, as \"legacy\": nobody else can be asked as it is");
        return WithPreflight(new(routeId, flag, chain, dryRun, replay, streams) { Cors = cors, AsksOnWhenNotFound = asksOn }, clusterIds);
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
        List<Backend> chain, IReadOnlySet<string> clusterIds, string? text, (DryRunKind Kind, bool IsNamed) dryRun, string path,
        FindingList findings)
    {
        var known = string.Join(", ", clusterIds);
        foreach (var link in chain.Skip(1).Where(link => !link.IsDryRun && !clusterIds.Contains(link.Id)))
        {
            findings.Error(
                $"{path}:Fallback", text, $"a comma-separated list of clusters ({known}), which {link.Id} is not, or dry-run at its end",
                NearestName.Find(link.Id, [.. clusterIds, Backend.DryRunId]));
        }

        if (chain.Skip(1).SkipLast(1).Any(link => link.IsDryRun))
            findings.Error($"{path}:Fallback", text, $"a comma-separated list of clusters ({known}), dry-run only at its end");
        if (chain.Select(b => b.Id).Distinct(StringComparer.OrdinalIgnoreCase).Count() != chain.Count)
            findings.Error($"{path}:Fallback", text, "each backend once, and not the route's own cluster");
        // Which dry-run it is, or a name that is nearly dry-run, was told already.
        if (chain[^1].IsDryRun && !dryRun.IsNamed)
            findings.Error($"{path}:DryRun", null, "generate, export or publish, because Fallback ends in dry-run");
        if (!chain[^1].IsDryRun && dryRun.Kind != DryRunKind.None && chain.Skip(1).All(link => clusterIds.Contains(link.Id)))
            findings.Error($"{path}:Fallback", text, "dry-run at its end, because DryRun names a responder");
    }

    /// <summary>The default for what is no such word: its shape told it.</summary>
    private static T ReadWord<T>(string? text)
        where T : struct, Enum =>
        // By name, because Enum.TryParse also takes numbers and lists.
        Enum.GetNames<T>().FirstOrDefault(n => n != "None" && n.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name
            ? Enum.Parse<T>(name) : default;
}
