using Gateway.Configuration;
using Gateway.Exchanges;
using Gateway.Health;
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
    public static async Task<GatewayFile?> ReadAsync(byte[] json, IReadOnlyList<ListenerAddress> listeners, List<ConfigFinding> all)
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
            CheckCluster(cluster, listeners, findings);
        var cors = CorsPolicies.Read(configuration.GetSection("Cors"), findings);
        var policies = CheckRoutes(reverseProxy.GetSection("Routes"), clusterIds, cors, findings);
        return findings.HasErrors ? null : await BindAsync(reverseProxy, policies, findings);
    }

    private static async Task<GatewayFile?> BindAsync(
        IConfigurationSection reverseProxy, Dictionary<string, RoutePolicy> policies, FindingList findings)
    {
        IProxyConfig config;
        try
        {
            config = TrialProxy.Bind(reverseProxy);
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
        await trial.RunAsync(findings);
        return findings.HasErrors ? null : new(routes, clusters, policies);
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

    private static void CheckCluster(IConfigurationSection cluster, IReadOnlyList<ListenerAddress> listeners, FindingList findings)
    {
        if (cluster.Key is Backend.DryRunId or Backend.GatewayId)
            findings.Error(cluster.Path, cluster.Key, "another name: dry-run and gateway are answers of the gateway itself");
        var destinations = cluster.GetSection("Destinations").GetChildren().ToArray();
        if (destinations.Length == 0)
            findings.Error($"{cluster.Path}:Destinations", null, "at least one destination");
        foreach (var destination in destinations)
        {
            if (string.IsNullOrEmpty(destination["Address"]))
                findings.Error($"{destination.Path}:Address", null, "an absolute http:// or https:// URL");
            else if (IsOwn(destination["Address"]!, listeners))
                findings.Error($"{destination.Path}:Address", destination["Address"], "a backend's address: this is the gateway's own");
        }

        var metadata = cluster.GetSection("Metadata").GetChildren().ToDictionary(m => m.Key, m => m.Value ?? "", StringComparer.Ordinal);
        RiseFallOptions.Read(metadata, cluster.Path, findings);
    }

    private static bool IsOwn(string address, IReadOnlyList<ListenerAddress> listeners) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && listeners.Any(listener => listener.IsReachedBy(uri));

    private static Dictionary<string, RoutePolicy> CheckRoutes(
        IConfigurationSection routes, HashSet<string> clusterIds, Dictionary<string, CorsPolicy> cors, FindingList findings)
    {
        var policies = new Dictionary<string, RoutePolicy>(StringComparer.OrdinalIgnoreCase);
        foreach (var route in routes.GetChildren())
        {
            var clusterId = route["ClusterId"];
            if (clusterId is null || !clusterIds.Contains(clusterId))
                findings.Error($"{route.Path}:ClusterId", clusterId, "one of the clusters: " + string.Join(", ", clusterIds));
            var metadata = route.GetSection("Metadata").GetChildren()
                .ToDictionary(m => m.Key, m => m.Value ?? "", StringComparer.OrdinalIgnoreCase);
            CorsPolicy? shared = null;
            if (route["CorsPolicy"] is { } name && !cors.TryGetValue(name, out shared))
                findings.Error($"{route.Path}:CorsPolicy", name, "one of the policies of Cors: " + string.Join(", ", cors.Keys));
            policies[route.Key] =
                RoutePolicyReader.Read(route.Key, clusterId ?? "", metadata, clusterIds, shared, route.Path, findings);
        }

        if (policies.Count == 0)
            findings.Error(routes.Path, null, "at least one route");
        return policies;
    }
}
