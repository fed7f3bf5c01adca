using Gateway.Configuration;
using Microsoft.AspNetCore.Routing.Patterns;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routing;

/// <summary>
/// What a transform takes from its route, and what it may write. YARP builds all of these: a route value that the path does not have is
/// left out of every request without a word, and a length that is not the body's fails every request.
/// </summary>
internal static class TransformReach
{
    // What YARP itself maps a route without a path to.
    private const string AnyPath = "/{**catchall}";

    private static readonly string[] FromRoute = ["QueryRouteParameter", "RequestHeaderRouteValue"];

    private static readonly string[] OfRequests = ["RequestHeader", "RequestHeaderRouteValue"];

    private static readonly string[] OfAnswers = ["ResponseHeader", "ResponseTrailer"];

    private static readonly string[] Framing = ["Content-Length", "Transfer-Encoding"];

    /// <summary>The route's path and the transforms are known to be readable.</summary>
    public static void Check(RouteConfig route, ClusterConfig cluster, string path, FindingList findings)
    {
        var values = Parse(route.Match.Path is { Length: > 0 } match ? match : AnyPath).Select(value => value.Name).ToArray();
        var known = values.Length == 0 ? "the route's path has none" : string.Join(", ", values);
        for (var i = 0; i < (route.Transforms?.Count ?? 0); i++)
        {
            // However the file spells the keys.
            var transform = new Dictionary<string, string>(route.Transforms![i], StringComparer.OrdinalIgnoreCase);
            var at = $"{path}:{i}";
            var (key, value) = transform.TryGetValue("Set", out var set) ? ("Set", set) : ("Append", transform.GetValueOrDefault("Append"));
            if (FromRoute.Any(transform.ContainsKey) && value is not null && !values.Contains(value, StringComparer.OrdinalIgnoreCase))
                findings.Error($"{at}:{key}", value, $"a value of the route's path: {known}");
            if (transform.TryGetValue("PathPattern", out var pattern) && FindUnknown(pattern, values) is { } unknown)
                findings.Error($"{at}:PathPattern", pattern, $"values of the route's path ({known}), which {unknown} is not");
            CheckHeader(transform, at, (key, value), cluster.HttpClient?.RequestHeaderEncoding is null, findings);
        }
    }

    private static void CheckHeader(
        Dictionary<string, string> transform, string at, (string Key, string? Text) value, bool requestsAreLatin1, FindingList findings)
    {
        var kind = OfRequests.Concat(OfAnswers).FirstOrDefault(transform.ContainsKey);
        if (kind is null)
            return;
        if (Framing.Contains(transform[kind], StringComparer.OrdinalIgnoreCase))
            findings.Error($"{at}:{kind}", transform[kind], "another header: this one says where the body ends");
        if ((requestsAreLatin1 || OfAnswers.Contains(kind)) && value.Text?.Any(character => character > '\xff') is true)
            findings.Error($"{at}:{value.Key}", value.Text, "characters of ISO 8859-1, as headers carry them");
    }

    private static string? FindUnknown(string pattern, string[] values) => Parse(pattern)
        .Where(value => value is { IsOptional: false, Default: null }).Select(value => value.Name)
        .FirstOrDefault(name => !values.Contains(name, StringComparer.OrdinalIgnoreCase));

    private static IReadOnlyList<RoutePatternParameterPart> Parse(string pattern)
    {
        try
        {
            return RoutePatternFactory.Parse(pattern).Parameters;
        }
        catch (RoutePatternException)
        {
            return []; // Told by whoever builds it.
        }
    }
}
