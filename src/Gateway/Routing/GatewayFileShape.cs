using Gateway.Configuration;
using Yarp.ReverseProxy.Configuration;
using static Gateway.Configuration.JsonShape;

namespace Gateway.Routing;

/// <summary>
/// YARP 2.3's configuration schema as <c>gateway.json</c> may use it.
/// Source: https://learn.microsoft.com/aspnet/core/fundamentals/servers/yarp/config-files.
/// </summary>
internal static class GatewayFileShape
{
    private static readonly JsonShape Match = Object(
        ("Path", Text), ("Hosts", Texts), ("Methods", Texts),
        ("Headers", List(Object(
            ("Name", Text), ("Values", Texts), ("Mode", OneOf(Enum.GetNames<HeaderMatchMode>())), ("IsCaseSensitive", JsonShape.Boolean)))),
        ("QueryParameters", List(Object(
            ("Name", Text), ("Values", Texts), ("Mode", OneOf(Enum.GetNames<QueryParameterMatchMode>())),
            ("IsCaseSensitive", JsonShape.Boolean)))));

    // The framework fails every request of a route that asks for middleware which this gateway does not run.
    private static readonly JsonShape NotServed = NotHere("nothing: this gateway serves no such policy");

    private static readonly JsonShape Route = Object(
        ("ClusterId", Text), ("Match", Match), ("Order", Integer(int.MinValue, int.MaxValue)),
        ("MaxRequestBodySize", Integer(-1, long.MaxValue)), ("AuthorizationPolicy", NotServed), ("RateLimiterPolicy", NotServed),
        ("OutputCachePolicy", NotServed), ("TimeoutPolicy", NotServed), ("CorsPolicy", NotServed),
        // It limits the whole answer, streams included; a silent backend is the cluster's matter.
        ("Timeout", NotHere("nothing: set HttpRequest:ActivityTimeout of the cluster")),
        ("Metadata", Map(Text)), ("Transforms", List(Map(Any))));

    private static readonly JsonShape Active = Object(
        ("Enabled", JsonShape.Boolean), ("Interval", Duration), ("Timeout", Duration), ("Policy", Text), ("Path", Text), ("Query", Text));

    private static readonly JsonShape Passive = Object(
        ("Enabled", JsonShape.Boolean), ("Policy", Text), ("ReactivationPeriod", Duration));

    private static readonly JsonShape HealthCheck = Object(
        ("Active", Active), ("Passive", Passive),
        ("AvailableDestinationsPolicy", OneOf("HealthyAndUnknown", "HealthyOrPanic")));

    private static readonly JsonShape HttpClient = Object(
        ("SslProtocols", List(OneOf("Tls12", "Tls13"))), ("DangerousAcceptAnyServerCertificate", JsonShape.Boolean),
        ("MaxConnectionsPerServer", Integer(1, int.MaxValue)), ("EnableMultipleHttp2Connections", JsonShape.Boolean),
        ("RequestHeaderEncoding", Text), ("ResponseHeaderEncoding", Text),
        ("WebProxy", Object(("Address", HttpUrl), ("BypassOnLocal", JsonShape.Boolean), ("UseDefaultCredentials", JsonShape.Boolean))));

    private static readonly JsonShape HttpRequest = Object(
        ("ActivityTimeout", Duration), ("Version", OneOf("1.0", "1.1", "2", "2.0", "3", "3.0")),
        ("VersionPolicy", OneOf("RequestVersionOrLower", "RequestVersionOrHigher", "RequestVersionExact")),
        ("AllowResponseBuffering", JsonShape.Boolean));

    private static readonly JsonShape SessionAffinity = Object(
        ("Enabled", JsonShape.Boolean), ("Policy", Text), ("FailurePolicy", Text), ("AffinityKeyName", Text), ("Cookie", Map(Any)));

    private static readonly JsonShape Destination = Object(
        ("Address", HttpUrl), ("Health", HttpUrl), ("Host", Text), ("Metadata", Map(Text)));

    private static readonly JsonShape Cluster = Object(
        ("LoadBalancingPolicy", OneOf("FirstAlphabetical", "Random", "PowerOfTwoChoices", "RoundRobin", "LeastRequests")),
        ("SessionAffinity", SessionAffinity), ("HealthCheck", HealthCheck), ("HttpClient", HttpClient),
        ("HttpRequest", HttpRequest), ("Destinations", Map(Destination)), ("Metadata", Map(Text)));

    public static JsonShape File { get; } = Object(
        ("ReverseProxy", Object(("Routes", Map(Route)), ("Clusters", Map(Cluster)))));
}
