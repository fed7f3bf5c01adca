using static Gateway.Configuration.JsonShape;

namespace Gateway.Configuration;

/// <summary>
/// YARP 2.1's configuration schema as <c>gateway.json</c> may use it.
/// Source: https://learn.microsoft.com/aspnet/core/fundamentals/servers/yarp/config-files.
/// </summary>
internal static class GatewayFileShape
{
    private static readonly JsonShape Match = Object(
        ("Path", Text), ("Hosts", Texts), ("Methods", Texts),
        ("Headers", List(Object(("Name", Text), ("Values", Texts), ("Mode", Text), ("IsCaseSensitive", JsonShape.Boolean)))),
        ("QueryParameters", List(Object(("Name", Text), ("Values", Texts), ("Mode", Text), ("IsCaseSensitive", JsonShape.Boolean)))));

    private static readonly JsonShape Route = Object(
        ("ClusterId", Text), ("Match", Match), ("Order", Integer(int.MinValue, int.MaxValue)),
        ("MaxRequestBodySize", Integer(-1, long.MaxValue)), ("AuthorizationPolicy", Text), ("RateLimiterPolicy", Text),
        ("OutputCachePolicy", Text), ("TimeoutPolicy", Text), ("Timeout", Duration), ("CorsPolicy", Text),
        ("Metadata", Map(Text)), ("Transforms", List(Map(Any))));

    private static readonly JsonShape Active = Object(
        ("Enabled", JsonShape.Boolean), ("Interval", Duration), ("Timeout", Duration), ("Policy", Text), ("Path", Text), ("Query", Text));

    private static readonly JsonShape Passive = Object(
        ("Enabled", JsonShape.Boolean), ("Policy", Text), ("ReactivationPeriod", Duration));

    private static readonly JsonShape HealthCheck = Object(
        ("Active", Active), ("Passive", Passive),
        ("AvailableDestinationsPolicy", OneOf("HealthyAndUnknown", "HealthyOrPanic")));

    private static readonly JsonShape HttpClient = Object(
        ("SslProtocols", Any), ("DangerousAcceptAnyServerCertificate", JsonShape.Boolean),
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
