using System.Text.Json;
using Gateway.Routing;
using Gateway.Upstream;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;

namespace Gateway.Configuration;

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
        if (!TryCheckShape(json, findings, all, out var configuration))
            return null;

        // A throwaway container, because YARP's own binder for its schema is not public in any other way.
        await using var yarp = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IActiveHealthCheckPolicy, RiseFallHealthPolicy>()
            .AddReverseProxy().LoadFromConfig(configuration.GetSection(Root)).Services
            .BuildServiceProvider();
        var config = yarp.GetRequiredService<IProxyConfigProvider>().GetConfig();
        var routes = config.Routes;
        var clusters = config.Clusters.Select(WithDefaults).ToArray();

        var errorsBefore = all.Count(f => f.Severity == FindingSeverity.Error);
        foreach (var cluster in clusters)
            CheckCluster(cluster, findings);
        var policies = CheckRoutes(routes, clusters, findings);
        if (all.Count(f => f.Severity == FindingSeverity.Error) == errorsBefore)
            await AskYarpAsync(yarp.GetRequiredService<IConfigValidator>(), routes, clusters, findings);

        return all.Exists(f => f.Severity == FindingSeverity.Error && f.File == Name) ? null : new(routes, clusters, policies);
    }

    private static bool TryCheckShape(byte[] json, FindingList findings, List<ConfigFinding> all, out IConfiguration configuration)
    {
        configuration = null!;
        var before = all.Count;
        if (!ConfigJson.TryParse(json, findings, out var document))
            return false;
        using (document)
        {
            GatewayFileShape.File.Check(document.RootElement, "", findings);
            if (!document.RootElement.TryGetProperty(Root, out _))
                findings.Error(Root, null, "an object with Routes and Clusters");
        }

        if (all.Count > before)
            return false;
        return ConfigJson.TryBind(json, findings, out configuration!);
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

    private static void CheckCluster(ClusterConfig cluster, FindingList findings)
    {
        var path = $"{Root}:Clusters:{cluster.ClusterId}";
        if (cluster.ClusterId is Backend.DryRunId or Backend.GatewayId)
            findings.Error(path, cluster.ClusterId, "another name: dry-run and gateway are answers of the gateway itself");
        if (cluster.Destinations is not { Count: > 0 })
            findings.Error($"{path}:Destinations", null, "at least one destination");
        foreach (var (id, destination) in cluster.Destinations ?? new Dictionary<string, DestinationConfig>())
        {
            if (string.IsNullOrEmpty(destination.Address))
                findings.Error($"{path}:Destinations:{id}:Address", null, "an absolute http:// or https:// URL");
        }

        RiseFallOptions.Read(cluster, path, findings);
        if (cluster.SessionAffinity is { Policy: null or "HashCookie", Enabled: true } affinity)
            findings.Error($"{path}:SessionAffinity:Policy", affinity.Policy, "Cookie, ArrCookie or CustomHeader: HashCookie is not built into this gateway");
    }

    private static Dictionary<string, RoutePolicy> CheckRoutes(
        IReadOnlyList<RouteConfig> routes, ClusterConfig[] clusters, FindingList findings)
    {
        var clusterIds = clusters.Select(c => c.ClusterId).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var policies = new Dictionary<string, RoutePolicy>(StringComparer.OrdinalIgnoreCase);
        if (routes.Count == 0)
            findings.Error($"{Root}:Routes", null, "at least one route");
        foreach (var route in routes)
        {
            var path = $"{Root}:Routes:{route.RouteId}";
            if (route.ClusterId is null || !clusterIds.Contains(route.ClusterId))
                findings.Error($"{path}:ClusterId", route.ClusterId, "one of the clusters: " + string.Join(", ", clusterIds));
            policies[route.RouteId] = RoutePolicy.Read(route, clusterIds, path, findings);
        }

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
