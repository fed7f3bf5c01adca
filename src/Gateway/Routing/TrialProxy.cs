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
        services.WithoutProbes();
        _services = services.BuildServiceProvider();
    }

    /// <summary>YARP's own binder for its schema, which is not public in any other way.</summary>
    public static IProxyConfig Bind(IConfigurationSection reverseProxy)
    {
        using var yarp = new ServiceCollection().AddLogging()
            .AddReverseProxy().LoadFromConfig(reverseProxy).Services.BuildServiceProvider();
        return yarp.GetRequiredService<IProxyConfigProvider>().GetConfig();
    }

    public async Task RunAsync(FindingList findings)
    {
        var validator = _services.GetRequiredService<IConfigValidator>();
        foreach (var cluster in _clusters)
        {
            var path = $"{GatewayFile.Root}:Clusters:{cluster.ClusterId}";
            foreach (var error in await validator.ValidateClusterAsync(cluster))
                findings.Error(path, cluster.ClusterId, ForYarp + Describe(error));
            Try(() => CreateClient(cluster), path, cluster.ClusterId, findings);
        }

        foreach (var route in _routes)
        {
            var path = $"{GatewayFile.Root}:Routes:{route.RouteId}";
            var errors = await validator.ValidateRouteAsync(route);
            foreach (var error in errors)
                findings.Error(path, route.Match.Path, ForYarp + Describe(error));
            if (errors.Count > 0)
                continue;
            Try(() => CheckPattern(route), $"{path}:Match:Path", route.Match.Path, findings);
            var cluster = _clusters.First(c => c.ClusterId.Equals(route.ClusterId, StringComparison.OrdinalIgnoreCase));
            Try(() => _services.GetRequiredService<ITransformBuilder>().Build(route, cluster), $"{path}:Transforms", "[…]", findings);
            TransformReach.Check(route, cluster, $"{path}:Transforms", findings);
        }

        if (!findings.HasErrors)
            await MatchAsync(findings);
    }

    /// <summary>A matcher over these routes, as that of a gateway that has them; for what passed <see cref="RunAsync"/>.</summary>
    public RouteMatcher CreateMatcher()
    {
        var mapped = new MappedEndpoints(_services);
        mapped.MapReverseProxy();
        var matcher = new RouteMatcher(_services);
        matcher.Attach(mapped.DataSources);
        return matcher;
    }

    /// <summary>Requests of the route's match, each of another kind.</summary>
    public IEnumerable<RequestWitness> FindRequests(RouteConfig route) => RequestWitness.Create(
        _services, RoutePatternFactory.Parse(string.IsNullOrEmpty(route.Match.Path) ? "/{**path}" : route.Match.Path), route.Match);

    public HttpContext ToContext(RequestWitness request)
    {
        var context = request.ToContext(_services);
        context.Request.Protocol = HttpProtocol.Http11;
        return context;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    /// <summary>All of it together: YARP loads it, and the matcher is built with the first request.</summary>
    private async Task MatchAsync(FindingList findings)
    {
        var mapped = new MappedEndpoints(_services);
        try
        {
            mapped.MapReverseProxy();
            await RouteOverlaps.FindAsync(
                _services, [.. mapped.DataSources.SelectMany(source => source.Endpoints).Cast<RouteEndpoint>()], findings);
            if (!findings.HasErrors)
                await RouteOverlaps.MatchAsync(_services, mapped.DataSources, new DefaultHttpContext { RequestServices = _services });
        }
        catch (Exception error)
        {
            // Whatever it is, it would have ended the running proxy: an error of the file, and no reason to stop looking at files.
            findings.Error($"{GatewayFile.Root}:Routes", "{…}", "routes that can be matched: " + Describe(error));
        }
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

    private sealed class MappedEndpoints(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
    }
}
