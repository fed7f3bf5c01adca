using Microsoft.AspNetCore.Routing.Patterns;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routing;

/// <summary>A request that two routes might both match, made of what their matches say.</summary>
internal sealed record RequestWitness(
    string Method, string Host, string Path, IReadOnlyList<(string Name, string Value)> Headers,
    IReadOnlyList<(string Name, string Value)> Query)
{
    /// <summary>How many values one parameter of one pattern gets.</summary>
    private const int MostValues = 6;

    private static readonly string[] AnyMethod = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    /// <summary>What a parameter may be, so that each of the framework's constraints has a value that it takes.</summary>
    private static readonly string[] Samples =
    [
        "1", "a", "x.txt", "true", "1.5", "-1", "2026-01-02", "00000000-0000-0000-0000-000000000001", "abcdefghijklmnop", "12345678", "100",
        "abc", "9999999999", "abcdefgh1", "A1", "ab", "abcde", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    ];

    public static IEnumerable<RequestWitness> Create(
        IServiceProvider services, RoutePattern one, RouteMatch a, RoutePattern other, RouteMatch b) =>
        CanShareHost(a, b)
            ? from method in Both(a.Methods, b.Methods, "GET")
              from path in FindPaths(services, one, other)
              from host in Hosts(a).Concat(Hosts(b)).DefaultIfEmpty("localhost").Distinct(StringComparer.OrdinalIgnoreCase)
              from headers in Combine(
                  (a.Headers ?? []).Concat(b.Headers ?? []).GroupBy(h => h.Name, Values, StringComparer.OrdinalIgnoreCase))
              from query in Combine(
                  (a.QueryParameters ?? []).Concat(b.QueryParameters ?? []).GroupBy(q => q.Name, Values, StringComparer.OrdinalIgnoreCase))
              select new RequestWitness(method, host, path, headers, query)
            : [];

    /// <summary>Requests of one match: of each method, host and way to fill the pattern in, with and without what it asks for.</summary>
    public static IEnumerable<RequestWitness> Create(IServiceProvider services, RoutePattern pattern, RouteMatch match) =>
        from path in FindPaths(services, pattern)
        from headers in Combine((match.Headers ?? []).GroupBy(h => h.Name, Values, StringComparer.OrdinalIgnoreCase))
        from query in Combine((match.QueryParameters ?? []).GroupBy(q => q.Name, Values, StringComparer.OrdinalIgnoreCase))
        from host in Hosts(match).DefaultIfEmpty("localhost").Distinct(StringComparer.OrdinalIgnoreCase)
        from method in match.Methods is { Count: > 0 } methods ? methods : AnyMethod
        select new RequestWitness(method.ToUpperInvariant(), host, path, headers, query);

    /// <summary>As it stands in a request's first line.</summary>
    public string Target => new PathString(Path).ToUriComponent() + QueryString.Create(Query.Select(ToPair));

    public HttpContext ToContext(IServiceProvider services)
    {
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.Method = Method;
        context.Request.Scheme = "http";
        context.Request.Host = new HostString(Host);
        context.Request.Path = Path;
        context.Request.QueryString = QueryString.Create(Query.Select(ToPair));
        foreach (var (name, value) in Headers)
            context.Request.Headers[name] = value;
        return context;
    }

    public override string ToString()
    {
        var host = Host == "localhost" ? "" : Host;
        var headers = string.Concat(Headers.Select(h => $" with {h.Name}: {h.Value}"));
        return $"{Method} {host}{Path}{QueryString.Create(Query.Select(ToPair))}{headers}";
    }

    private static KeyValuePair<string, string?> ToPair((string Name, string Value) query) => new(query.Name, query.Value);

    private static IEnumerable<string> Both(IReadOnlyList<string>? one, IReadOnlyList<string>? other, string any) => (one, other) switch
    {
        ({ Count: > 0 }, { Count: > 0 }) => one.Intersect(other, StringComparer.OrdinalIgnoreCase).Take(1),
        // A route with methods is always before one without.
        ({ Count: > 0 }, _) or (_, { Count: > 0 }) => [],
        _ => [any],
    };

    private static bool CanShareHost(RouteMatch a, RouteMatch b) =>
        a.Hosts is not { Count: > 0 } || b.Hosts is not { Count: > 0 } || a.Hosts.Concat(b.Hosts).Any(host => host.Contains('*'))
        || a.Hosts.Intersect(b.Hosts, StringComparer.OrdinalIgnoreCase).Any();

    private static IEnumerable<string> Hosts(RouteMatch match) =>
        (match.Hosts ?? []).Select(host => host.Replace("*.", "w.").Replace(":*", "").Replace("*", "w"));

    private static string[] Values(RouteHeader header) => header.Mode switch
    {
        HeaderMatchMode.Exists => ["x"],
        HeaderMatchMode.NotExists => [],
        HeaderMatchMode.NotContains => ["~"],
        _ => [.. header.Values ?? []],
    };

    private static string[] Values(RouteQueryParameter parameter) => parameter.Mode switch
    {
        QueryParameterMatchMode.Exists => ["x"],
        QueryParameterMatchMode.NotContains => ["~"],
        _ => [.. parameter.Values ?? []],
    };

    /// <summary>Each name with one of its values, or left out.</summary>
    private static IEnumerable<IReadOnlyList<(string Name, string Value)>> Combine(IEnumerable<IGrouping<string, string[]>> names)
    {
        IEnumerable<IReadOnlyList<(string, string)>> all = [[]];
        foreach (var name in names)
        {
            string?[] values = [.. name.SelectMany(v => v).Distinct(StringComparer.Ordinal), null];
            all = all.SelectMany(_ => values, (chosen, value) => value is null ? chosen : [.. chosen, (name.Key, value)]);
        }

        return all;
    }

    /// <summary>Paths that both patterns may take: segment by segment what either writes, or a value for its parameters.</summary>
    private static IEnumerable<string> FindPaths(IServiceProvider services, RoutePattern one, RoutePattern other)
    {
        var factory = services.GetRequiredService<ParameterPolicyFactory>();
        IEnumerable<string> paths = [""];
        foreach (var (a, b) in one.PathSegments.Zip(other.PathSegments))
        {
            var values = Spell(a, b).Concat(Spell(b, a)).Concat(Samples)
                .Where(sample => Takes(factory, a, sample) && Takes(factory, b, sample));
            // A parameter alone takes one value like another; of several parts the matcher will say which.
            paths = paths.SelectMany(_ => a.IsSimple && b.IsSimple ? values.Take(1) : values.Take(4), (path, value) => $"{path}/{value}");
        }

        return paths.Select(path => path.Length == 0 ? "/" : path);
    }

    /// <summary>Paths of one pattern: its parameters filled in differently, and left out where they may be.</summary>
    private static IEnumerable<string> FindPaths(IServiceProvider services, RoutePattern pattern)
    {
        var factory = services.GetRequiredService<ParameterPolicyFactory>();
        IEnumerable<string> paths = [""];
        foreach (var segment in pattern.PathSegments)
        {
            string?[] values =
            [
                .. Spell(segment, segment).Concat(segment.IsSimple ? Samples : []).Where(sample => Takes(factory, segment, sample))
                    .Distinct(StringComparer.OrdinalIgnoreCase).Take(MostValues),
                .. segment.Parts is [RoutePatternParameterPart { IsCatchAll: true }] ? (string[])["1/a"] : [],
                .. segment.Parts is [RoutePatternParameterPart part] && (part.IsOptional || part.IsCatchAll || part.Default is not null)
                    ? (string?[])[null] : [],
            ];
            paths = paths.SelectMany(_ => values, (path, value) => value is null ? path : $"{path}/{value}");
        }

        return paths.Select(path => path.Length == 0 ? "/" : path);
    }

    private static bool Takes(ParameterPolicyFactory factory, RoutePatternPathSegment segment, string sample) => segment.Parts switch
    {
        [RoutePatternLiteralPart literal] => literal.Content.Equals(sample, StringComparison.OrdinalIgnoreCase),
        [RoutePatternParameterPart parameter] => parameter.ParameterPolicies.All(policy =>
            factory.Create(parameter, policy) is not IRouteConstraint constraint
            || constraint.Match(null, null, parameter.Name, new() { [parameter.Name] = sample }, RouteDirection.IncomingRequest)),
        _ => true,
    };

    /// <summary>What a segment writes, its parameters filled in; then the same with the other one's text after it.</summary>
    private static IEnumerable<string> Spell(RoutePatternPathSegment segment, RoutePatternPathSegment other) =>
        segment.IsSimple && segment.Parts[0].IsParameter ? [] : [Spell(segment), Spell(segment) + Spell(other)];

    private static string Spell(RoutePatternPathSegment segment) => string.Concat(segment.Parts.Select(part => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        _ => "1",
    }));
}
