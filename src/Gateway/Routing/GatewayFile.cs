using Gateway.Configuration;
using Gateway.Exchanges;
using Gateway.Health;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;

namespace Gateway.Routing;

/// <summary><c>gateway.json</c>: YARP's routes and clusters, with what this gateway adds in their metadata.</summary>
internal sealed record GatewayFile(
    IReadOnlyList<RouteConfig> Routes, IReadOnlyList<ClusterConfig> Clusters, IReadOnlyDictionary<string, RoutePolicy> Policies)
{
    public const string Name = "gateway.json";

    private const string Root = "ReverseProxy";

    /// <summary>Reads and validates; null when something is wrong, and then <paramref name="all"/> says what.</summary>
    public static async Task<GatewayFile?> ReadAsync(byte[] json, List<ConfigFinding> all)
    {
        var findings = new FindingList(Name, all);
        if (!ConfigJson.TryParse(json, findings, out var document))
            return null;
        using (document)
            GatewayFileShape.File.Check(document.RootElement, "", findings);
        if (!ConfigJson.TryBind(json, findings, out var configuration))
            return null;

        // Read by hand, because YARP's binder throws at the first value of a wrong type and every problem is wanted at once.
        var reverseProxy = configuration!.GetSection(Root);
        var clusterIds = reverseProxy.GetSection("Clusters").GetChildren().Select(c => c.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var cluster in reverseProxy.GetSection("Clusters").GetChildren())
            CheckCluster(cluster, findings);
        var policies = CheckRoutes(reverseProxy.GetSection("Routes"), clusterIds, findings);
        return findings.HasErrors ? null : await BindAsync(reverseProxy, policies, findings);
    }

    private static async Task<GatewayFile?> BindAsync(
        IConfigurationSection reverseProxy, Dictionary<string, RoutePolicy> policies, FindingList findings)
    {
        // A throwaway container, because YARP's own binder for its schema is not public in any other way.
        await using var yarp = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IActiveHealthCheckPolicy, RiseFallHealthPolicy>()
            .AddReverseProxy().LoadFromConfig(reverseProxy).Services
            .BuildServiceProvider();
        var config = yarp.GetRequiredService<IProxyConfigProvider>().GetConfig();
        var clusters = config.Clusters.Select(WithDefaults).ToArray();
        await AskYarpAsync(yarp.GetRequiredService<IConfigValidator>(), config.Routes, clusters, findings);
        return findings.HasErrors ? null : new(config.Routes, clusters, policies);
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

    private static void CheckCluster(IConfigurationSection cluster, FindingList findings)
    {
        if (cluster.Key is Backend.DryRunId or Backend.GatewayId)
            findings.Error(cluster.Path, cluster.Key, "another name: dry-run and gateway are answers of the gateway itself");
        var destinations = cluster.GetSection("Destinations").GetChildren().ToArray();
        if (destinations.Length == 0)
            findings.Error($"{cluster.Path}:Destinations", null, "at least one destination");
        foreach (var destination in destinations.Where(d => string.IsNullOrEmpty(d["Address"])))
            findings.Error($"{destination.Path}:Address", null, "an absolute http:// or https:// URL");

        var metadata = cluster.GetSection("Metadata").GetChildren().ToDictionary(m => m.Key, m => m.Value ?? "", StringComparer.Ordinal);
        RiseFallOptions.Read(metadata, cluster.Path, findings);
    }

    private static Dictionary<string, RoutePolicy> CheckRoutes(
        IConfigurationSection routes, HashSet<string> clusterIds, FindingList findings)
    {
        var policies = new Dictionary<string, RoutePolicy>(StringComparer.OrdinalIgnoreCase);
        foreach (var route in routes.GetChildren())
        {
            var clusterId = route["ClusterId"];
            if (clusterId is null || !clusterIds.Contains(clusterId))
                findings.Error($"{route.Path}:ClusterId", clusterId, "one of the clusters: " + string.Join(", ", clusterIds));
            var metadata = route.GetSection("Metadata").GetChildren()
                .ToDictionary(m => m.Key, m => m.Value ?? "", StringComparer.OrdinalIgnoreCase);
            policies[route.Key] = RoutePolicyReader.Read(route.Key, clusterId ?? "", metadata, clusterIds, route.Path, findings);
        }

        if (policies.Count == 0)
            findings.Error(routes.Path, null, "at least one route");
        return policies;
    }

    private static async Task AskYarpAsync(
        IConfigValidator validator, IReadOnlyList<RouteConfig> routes, ClusterConfig[] clusters, FindingList findings)
    {
        foreach (var route in routes)
        {
            foreach (var error in await validator.ValidateRouteAsync(route))
                findings.Error($"{Root}:Routes:{route.RouteId}", route.Match.Path, error.Message);
        }

        foreach (var cluster in clusters)
        {
            foreach (var error in await validator.ValidateClusterAsync(cluster))
                findings.Error($"{Root}:Clusters:{cluster.ClusterId}", cluster.ClusterId, error.Message);
        }
    }
}
