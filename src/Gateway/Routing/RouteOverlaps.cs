using System.Globalization;
using Gateway.Configuration;
using Microsoft.AspNetCore.Routing.Patterns;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace Gateway.Routing;

/// <summary>
/// Finds two routes that one request can be of, neither before the other: the framework answers such a request with 500. The proof is a
/// request, and the judge is the framework's own matcher, so a pair that it can tell apart is never refused.
/// </summary>
internal static class RouteOverlaps
{
    private const int MostWitnesses = 2000;

    public static async Task FindAsync(IServiceProvider services, IReadOnlyList<RouteEndpoint> endpoints, FindingList findings)
    {
        foreach (var alike in endpoints.GroupBy(SignatureOf, StringComparer.Ordinal).Select(group => group.ToArray()))
        {
            if (alike.Length == 1)
                continue;
            var match = BuildMatcher(services, [new DefaultEndpointDataSource(alike)]);
            for (var i = 0; i < alike.Length; i++)
            {
                for (var j = i + 1; j < alike.Length; j++)
                    await CompareAsync(services, match, alike[i], alike[j], findings);
            }
        }
    }

    /// <summary>Lets the framework match over these endpoints; throws what it throws.</summary>
    public static Task MatchAsync(IServiceProvider services, IEnumerable<EndpointDataSource> sources, HttpContext context) =>
        BuildMatcher(services, sources)(context);

    private static RequestDelegate BuildMatcher(IServiceProvider services, IEnumerable<EndpointDataSource> sources)
    {
        var app = new ApplicationBuilder(services);
        app.UseRouting();
        app.Use(static (HttpContext _, RequestDelegate _) => Task.CompletedTask); // Match only: nothing is executed.
        app.UseEndpoints(endpoints =>
        {
            foreach (var source in sources)
                endpoints.DataSources.Add(source);
        });
        return app.Build();
    }

    private static async Task CompareAsync(
        IServiceProvider services, RequestDelegate match, RouteEndpoint one, RouteEndpoint other, FindingList findings)
    {
        var (a, b) = (ConfigOf(one), ConfigOf(other));
        foreach (var witness in RequestWitness.Create(services, one.RoutePattern, a.Match, other.RoutePattern, b.Match).Take(MostWitnesses))
        {
            // Among all that are alike first, which is one matcher; then these two alone, because a third may have been meant.
            if (!await IsAmbiguousAsync(match, witness.ToContext(services)))
                continue;
            var alone = BuildMatcher(services, [new DefaultEndpointDataSource(one, other)]);
            if (!await IsAmbiguousAsync(alone, witness.ToContext(services)))
                continue;
            var (first, second) = string.CompareOrdinal(a.RouteId, b.RouteId) < 0 ? (a, b) : (b, a);
            findings.Error(
                $"{GatewayFile.Root}:Routes:{second.RouteId}:Match", second.Match.Path,
                $"a match that route {first.RouteId} ({first.Match.Path}) does not share: {witness} is of both; "
                + "let them differ, or give one of them an Order");
            return;
        }
    }

    private static async Task<bool> IsAmbiguousAsync(RequestDelegate match, HttpContext witness)
    {
        try
        {
            await match(witness);
            return false;
        }
        catch (Exception error) when (RouteMatcher.IsAmbiguity(error))
        {
            return true;
        }
    }

    private static RouteConfig ConfigOf(RouteEndpoint endpoint) => endpoint.Metadata.GetRequiredMetadata<RouteModel>().Config;

    /// <summary>Routes with different signatures are never one request's without one being before the other.</summary>
    private static string SignatureOf(RouteEndpoint endpoint)
    {
        var segments = string.Join('/', endpoint.RoutePattern.PathSegments.Select(SignatureOf));
        return string.Create(CultureInfo.InvariantCulture, $"{endpoint.Order} {endpoint.RoutePattern.InboundPrecedence} {segments}");
    }

    private static string SignatureOf(RoutePatternPathSegment segment) =>
        segment is { IsSimple: true, Parts: [RoutePatternLiteralPart literal] } ? literal.Content.ToUpperInvariant() : "{}";
}
