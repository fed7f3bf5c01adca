using Gateway.Configuration;
using Gateway.Exchanges;
using Yarp.ReverseProxy.Configuration;
using static Gateway.Configuration.JsonShape;
using static Gateway.Routing.Spellings;

namespace Gateway.Routing;

/// <summary>
/// YARP 2.3's configuration schema as <c>gateway.json</c> may use it.
/// Source: https://learn.microsoft.com/aspnet/core/fundamentals/servers/yarp/config-files.
/// </summary>
internal static class GatewayFileShape
{
    private static readonly JsonShape Method = OneOf("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");

    private static readonly JsonShape HeaderMatch = Object(
        ("Name", HeaderName), ("Values", List(HeaderValue)), ("Mode", OneOf(Enum.GetNames<HeaderMatchMode>())),
        ("IsCaseSensitive", JsonShape.Boolean)).Requiring("Name");

    private static readonly JsonShape QueryMatch = Object(
        ("Name", Text), ("Values", Texts), ("Mode", OneOf(Enum.GetNames<QueryParameterMatchMode>())),
        ("IsCaseSensitive", JsonShape.Boolean)).Requiring("Name");

    private static readonly JsonShape Match = Object(
        ("Path", Text.As("As the framework's route templates: /api/calendar/{**rest}. Matched decoded, without query.")),
        ("Hosts", List(MatchedHost)),
        ("Methods", List(Method).As("Without it: any. HEAD takes the route of GET unless a route names HEAD itself.")),
        ("Headers", List(HeaderMatch)), ("QueryParameters", List(QueryMatch)))
        .As("The requests of this route. Needs Path or Hosts. No request may be of two routes, with neither before the other.");

    // The framework fails every request of a route that asks for middleware which this gateway does not run.
    private static readonly JsonShape NotServed = NotHere("nothing: this gateway serves no such policy");

    private static readonly JsonShape Route = Object(
        ("ClusterId", TextThat("the id of a cluster", text => text.Length > 0)
            .As("The cluster of Clusters that answers; with a Flag, while the flag is on for the user.")),
        ("Match", Match),
        // The largest number is that of the answer to a request without a route.
        ("Order", Integer(int.MinValue, int.MaxValue - 1).As("Of two routes that a request could be of, the lower one is taken.")),
        ("MaxRequestBodySize", Integer(-1, long.MaxValue).As("In bytes; -1: any.")),
        ("AuthorizationPolicy", NotServed), ("RateLimiterPolicy", NotServed), ("OutputCachePolicy", NotServed),
        ("TimeoutPolicy", NotServed), ("CorsPolicy", Text.As("The name of an entry of Cors: what pages from elsewhere may do.")),
        // It limits the whole answer, streams included; a silent backend is the cluster's matter.
        ("Timeout", NotHere("nothing: set HttpRequest:ActivityTimeout of the cluster")),
        ("Metadata", RoutePolicyReader.Shape), ("Transforms", List(TransformShape.Transform))).Requiring("ClusterId", "Match");

    public static JsonShape File { get; } = Object(
        ("$schema", Text),
        ("ReverseProxy", Object(
            ("Routes", MapById(Route, Exchange.NoRoute).NotEmpty("at least one route")
                .As("By id. The route of a request is the most specific that matches.")),
            ("Clusters", MapById(ClusterShape.Cluster, Backend.DryRunId, Backend.GatewayId).As("Backends, by id.")))
            .Requiring("Routes", "Clusters")),
        ("Cors", CorsPolicies.Shape)).Requiring("ReverseProxy")
        .As("Routes and clusters in YARP's own schema, reloaded within two seconds of a save. "
            + "`gateway check` finds more than a schema can.");
}
