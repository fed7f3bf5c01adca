using System.Diagnostics;
using Gateway.Configuration;
using Gateway.Health;
using Microsoft.AspNetCore.Routing.Constraints;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Gateway.Routing;

/// <summary>
/// A proxy that is built to be thrown away, out of the code that will run the candidate: validators, clients, transforms, endpoints and
/// the matcher. What would make the running one throw, half way or with the first request, throws here before anything has changed.
/// </summary>
internal sealed class TrialProxy : IAsyncDisposable
{
    private const string ForYarp = "what YARP accepts: ";

    private static readonly ClusterConfig StandIn = new() { ClusterId = "trial" };

    private readonly ServiceProvider _services;
    private readonly IReadOnlyList<RouteConfig> _routes;
    private readonly IReadOnlyList<ClusterConfig> _clusters;

    public TrialProxy(IReadOnlyList<RouteConfig> routes, IReadOnlyList<ClusterConfig> clusters)
    {
        (_routes, _clusters) = (routes, clusters);
        var services = new ServiceCollection()
            .AddLogging()
            .AddRouting()
            .AddSingleton(new DiagnosticListener("trial"))
            .AddSingleton<IActiveHealthCheckPolicy, RiseFallHealthPolicy>();
        services.AddReverseProxy().LoadFromMemory(routes, clusters);
        // The one part that would act on the world: no destination is probed for a trial.
        services.RemoveAll<IActiveHealthCheckMonitor>().AddSingleton<IActiveHealthCheckMonitor, NoProbes>();
        _services = services.BuildServiceProvider();
    }

    /// <summary>YARP's own binder for its schema, which is not public in any other way.</summary>
    public static IProxyConfig Bind(IConfigurationSection reverseProxy)
    {
        using var yarp = new ServiceCollection().AddLogging()
            .AddReverseProxy().LoadFromConfig(reverseProxy).Services.BuildServiceProvider();
        return yarp.GetRequiredService<IProxyConfigProvider>().GetConfig();
    }

    /// <summary>For routes that can be matched, in a file of which other things are wrong.</summary>
    public static TrialProxy OfMatches(IEnumerable<RouteConfig> routes) => new(
        [.. routes.Select(route => new RouteConfig
        {
            RouteId = route.RouteId, ClusterId = StandIn.ClusterId, Match = route.Match, Order = route.Order,
        })],
        [StandIn]);

    /// <summary>Each cluster and each route for itself.</summary>
    public async Task CheckEachAsync(FindingList findings)
    {
        var validator = _services.GetRequiredService<IConfigValidator>();
        foreach (var cluster in _clusters)
        {
            var path = $"{GatewayFile.Root}:Clusters:{cluster.ClusterId}";
            var faults = await validator.ValidateClusterAsync(cluster);
            foreach (var fault in faults)
                findings.Error(PartOfCluster(fault.Message, path), cluster.ClusterId, ForYarp + Describe(fault));
            if (faults.Count == 0)
                Try(() => CreateClient(cluster), $"{path}:HttpClient", "{…}", findings);
        }

        foreach (var route in _routes)
        {
            var path = $"{GatewayFile.Root}:Routes:{route.RouteId}";
            var errors = await validator.ValidateRouteAsync(route);
            foreach (var error in errors)
                findings.Error(PartOf(error.Message, path), route.Match.Path ?? "{…}", ForYarp + Describe(error));
            if (errors.Count == 0)
                Try(() => CheckPattern(route), $"{path}:Match:Path", route.Match.Path, findings);
            CheckTransforms(route, $"{path}:Transforms", findings);
        }
    }

    /// <summary>All of it together: YARP loads it, and the matcher is built with the first request.</summary>
    public async Task MatchAsync(FindingList findings)
    {
        var before = findings.Count;
        var mapped = new MappedEndpoints(_services);
        try
        {
            mapped.MapReverseProxy();
            await RouteOverlaps.FindAsync(
                _services, [.. mapped.DataSources.SelectMany(source => source.Endpoints).Cast<RouteEndpoint>()], findings);
            if (findings.Count == before)
                await RouteOverlaps.MatchAsync(_services, mapped.DataSources, new DefaultHttpContext { RequestServices = _services });
        }
        catch (Exception error)
        {
            // Whatever it is, it would have ended the running proxy: an error of the file, and no reason to stop looking at files.
            findings.Error($"{GatewayFile.Root}:Routes", "{…}", "routes that can be matched: " + Describe(error));
        }
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private void CheckTransforms(RouteConfig route, string path, FindingList findings)
    {
        var cluster = _clusters.FirstOrDefault(c => c.ClusterId.Equals(route.ClusterId, StringComparison.OrdinalIgnoreCase)) ?? StandIn;
        var before = findings.Count;
        for (var i = 0; i < (route.Transforms?.Count ?? 0); i++)
        {
            var one = route with { Transforms = [route.Transforms![i]] };
            Try(() => _services.GetRequiredService<ITransformBuilder>().Build(one, cluster), $"{path}:{i}", "{…}", findings);
        }

        if (findings.Count == before)
            Try(() => _services.GetRequiredService<ITransformBuilder>().Build(route, cluster), path, "[…]", findings);
        TransformReach.Check(route, cluster, path, findings);
    }

    private void CreateClient(ClusterConfig cluster)
    {
        var context = new ForwarderHttpClientContext
        {
            ClusterId = cluster.ClusterId, NewConfig = cluster.HttpClient ?? HttpClientConfig.Empty, NewMetadata = cluster.Metadata,
        };
        _services.GetRequiredService<IForwarderHttpClientFactory>().CreateClient(context).Dispose();
    }

    /// <summary>The framework makes constraints for the matcher, and regular expressions for the first request.</summary>
    private void CheckPattern(RouteConfig route)
    {
        if (string.IsNullOrEmpty(route.Match.Path))
            return;
        var pattern = RoutePatternFactory.Parse(route.Match.Path);
        var factory = _services.GetRequiredService<ParameterPolicyFactory>();
        foreach (var parameter in pattern.Parameters)
        {
            foreach (var policy in parameter.ParameterPolicies)
                Compile(factory.Create(parameter, policy));
        }

        var texts = pattern.PathSegments.SelectMany(segment => segment.Parts)
            .OfType<RoutePatternLiteralPart>().Select(part => part.Content);
        if (texts.FirstOrDefault(text => text.AsSpan().ContainsAny("%#\\")) is { } text)
            throw new ArgumentException($"\"{text}\" is in no path: paths are matched decoded, and without a fragment.");
    }

    private static void Compile(IParameterPolicy policy)
    {
        switch (policy)
        {
            case RegexRouteConstraint regex:
                _ = regex.Constraint;
                break;
            case OptionalRouteConstraint optional:
                Compile(optional.InnerConstraint);
                break;
            case CompositeRouteConstraint composite:
                foreach (var constraint in composite.Constraints)
                    Compile(constraint);
                break;
        }
    }

    /// <summary>YARP says in words which part of a match it means.</summary>
    private static string PartOf(string message, string route) =>
        message.Contains("method", StringComparison.OrdinalIgnoreCase) ? $"{route}:Match:Methods"
        : message.Contains("host", StringComparison.OrdinalIgnoreCase) ? $"{route}:Match:Hosts"
        : message.Contains("header", StringComparison.OrdinalIgnoreCase) ? $"{route}:Match:Headers"
        : message.Contains("query", StringComparison.OrdinalIgnoreCase) ? $"{route}:Match:QueryParameters"
        : $"{route}:Match:Path";

    private static string PartOfCluster(string message, string cluster) =>
        message.Contains("request header encoding", StringComparison.OrdinalIgnoreCase) ? $"{cluster}:HttpClient:RequestHeaderEncoding"
        : message.Contains("response header encoding", StringComparison.OrdinalIgnoreCase) ? $"{cluster}:HttpClient:ResponseHeaderEncoding"
        : cluster;

    private static void Try(Action build, string path, string? value, FindingList findings)
    {
        try
        {
            build();
        }
        catch (Exception error)
        {
            // Constraints, transforms and clients throw what they like; each is a fault of the file.
            findings.Error(path, value, "what can be put to use: " + Describe(error));
        }
    }

    private static string Describe(Exception error) => (error is AggregateException ? error.GetBaseException() : error) switch
    {
        { InnerException: { } inner } outer => $"{outer.Message} {inner.Message}".ReplaceLineEndings(" "),
        var plain => plain.Message.ReplaceLineEndings(" "),
    };

    private sealed class NoProbes : IActiveHealthCheckMonitor
    {
        public bool InitialProbeCompleted => true;

        public Task CheckHealthAsync(IEnumerable<ClusterState> clusters) => Task.CompletedTask;
    }

    private sealed class MappedEndpoints(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
    }
}
