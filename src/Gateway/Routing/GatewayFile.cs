using Gateway.Configuration;
using Gateway.Exchanges;
using Gateway.Listening;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routing;

/// <summary><c>gateway.json</c>: YARP's routes and clusters, with what this gateway adds in their metadata.</summary>
internal sealed record GatewayFile(
    IReadOnlyList<RouteConfig> Routes, IReadOnlyList<ClusterConfig> Clusters, IReadOnlyDictionary<string, RoutePolicy> Policies)
{
    public const string Name = "gateway.json";

    public const string Root = "ReverseProxy";

    /// <summary>Whether any route has a policy for pages from elsewhere.</summary>
    public bool HasCors { get; } = Policies.Values.Any(policy => policy.Cors is not null);

    /// <summary>Reads and validates; null when something is wrong, and then <paramref name="all"/> says what.</summary>
    public static async Task<GatewayFile?> ReadAsync(byte[] bytes, IReadOnlyList<ListenerAddress> listeners, List<ConfigFinding> all)
    {
        using var json = ConfigJson.Read(bytes, Name, all);
        return json is null ? null : await ReadAsync(json, listeners);
    }

    /// <summary>Reads and validates; null when something is wrong, and then the file's findings say what.</summary>
    public static async Task<GatewayFile?> ReadAsync(ConfigJson json, IReadOnlyList<ListenerAddress> listeners)
    {
        var findings = json.Findings;
        GatewayFileShape.File.Check(json.Root, "", findings);
        var reverseProxy = json.Configuration.GetSection(Root);
        var clusters = reverseProxy.GetSection("Clusters").GetChildren().ToArray();
        ClusterChecks.Check(clusters, findings);
        await OwnAddresses.CheckAsync(clusters, listeners, findings);
        var cors = CorsPolicies.Read(json.Configuration.GetSection("Cors"), findings);
        var clusterIds = clusters.Select(c => c.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var policies = CheckRoutes(reverseProxy.GetSection("Routes"), clusterIds, cors, findings);
        return await TryAsync(reverseProxy, findings) is { } config && !findings.HasErrors
            ? new(config.Routes, config.Clusters, policies)
            : null;
    }

    /// <summary>Builds what would run. Of a file with errors what is right is tried all the same: one fault hides no other.</summary>
    private static async Task<IProxyConfig?> TryAsync(IConfigurationSection reverseProxy, FindingList findings)
    {
        var section = findings.HasErrors ? TrialSection.Read(reverseProxy, findings) : reverseProxy;
        IProxyConfig config;
        try
        {
            config = TrialProxy.Bind(section);
        }
        catch (Exception error) when (error is FormatException or OverflowException or ArgumentException or InvalidOperationException)
        {
            // What the shape lets through and YARP's binder cannot read: it says neither where nor what.
            findings.Error(Root, "{…}", "values that YARP can read: " + error.Message);
            return null;
        }

        var clusters = config.Clusters.Select(WithDefaults).ToArray();
        // Policies for pages from elsewhere are this gateway's own to apply: YARP would look for the application's.
        var routes = config.Routes.Select(route => route with { CorsPolicy = null }).ToArray();
        await using var trial = new TrialProxy(routes, clusters);
        await trial.CheckEachAsync(findings);
        if (!findings.HasErrors)
        {
            await trial.MatchAsync(findings);
            return new InMemoryConfigProvider(routes, clusters).GetConfig();
        }

        await using var rest = TrialProxy.OfMatches(routes.Where(route => TrialSection.IsMatchable(route.RouteId, findings)));
        await rest.MatchAsync(findings);
        return null;
    }

    /// <summary>
    /// With YARP's default, HealthyOrPanic, a dead single destination stays "available" and a fallback that
    /// waits for "no destination" never comes.
    /// </summary>
    private static ClusterConfig WithDefaults(ClusterConfig cluster) =>
        cluster.HealthCheck?.AvailableDestinationsPolicy is not null
            ? cluster
            : cluster with
            {
                HealthCheck = (cluster.HealthCheck ?? new HealthCheckConfig()) with
                {
                    AvailableDestinationsPolicy = "HealthyAndUnknown",
                },
            };

    private static Dictionary<string, RoutePolicy> CheckRoutes(
        IConfigurationSection routes, HashSet<string> clusterIds, Dictionary<string, CorsPolicy> cors, FindingList findings)
    {
        var policies = new Dictionary<string, RoutePolicy>(StringComparer.OrdinalIgnoreCase);
        foreach (var route in routes.GetChildren())
        {
            var clusterId = route["ClusterId"];
            if (!string.IsNullOrEmpty(clusterId) && !clusterIds.Contains(clusterId))
                findings.Error($"{route.Path}:ClusterId", clusterId, "one of the clusters: " + string.Join(", ", clusterIds), clusterIds);
            var metadata = route.GetSection("Metadata").GetChildren()
                .ToDictionary(m => m.Key, m => m.Value ?? "", StringComparer.OrdinalIgnoreCase);
            CorsPolicy? shared = null;
            if (!string.IsNullOrEmpty(route["CorsPolicy"]) && !cors.TryGetValue(route["CorsPolicy"]!, out shared))
            {
                findings.Error(
                    $"{route.Path}:CorsPolicy", route["CorsPolicy"], "one of the policies of Cors: " + string.Join(", ", cors.Keys),
                    cors.Keys);
            }

            policies[route.Key] =
                RoutePolicyReader.Read(route.Key, clusterId ?? "", metadata, clusterIds, shared, route.Path, findings);
            var methods = route.GetSection("Match:Methods").GetChildren().Select(method => method.Value ?? "").ToArray();
            if (policies[route.Key].AsksOnWhenNotFound && methods.Length > 0 && !Array.Exists(methods, IsRead))
                findings.Warning($"{route.Path}:Metadata:FallbackOn", "404", "a route of GET or HEAD: nothing else goes on to a next link");
        }

        return policies;
    }

    private static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
}
