using Gateway.Configuration;
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
    private static readonly JsonShape Match = Object(
        ("Path", Text), ("Hosts", List(MatchedHost)), ("Methods", Texts),
        ("Headers", List(Object(
            ("Name", HeaderName), ("Values", List(HeaderValue)), ("Mode", OneOf(Enum.GetNames<HeaderMatchMode>())),
            ("IsCaseSensitive", JsonShape.Boolean)).Requiring("Name"))),
        ("QueryParameters", List(Object(
            ("Name", Text), ("Values", Texts), ("Mode", OneOf(Enum.GetNames<QueryParameterMatchMode>())),
            ("IsCaseSensitive", JsonShape.Boolean)).Requiring("Name"))));

    // The framework fails every request of a route that asks for middleware which this gateway does not run.
    private static readonly JsonShape NotServed = NotHere("nothing: this gateway serves no such policy");

    private static readonly JsonShape Route = Object(
        ("ClusterId", Text), ("Match", Match),
        // The largest number is that of the answer to a request without a route.
        ("Order", Integer(int.MinValue, int.MaxValue - 1)),
        ("MaxRequestBodySize", Integer(-1, long.MaxValue)), ("AuthorizationPolicy", NotServed), ("RateLimiterPolicy", NotServed),
        ("OutputCachePolicy", NotServed), ("TimeoutPolicy", NotServed), ("CorsPolicy", Text),
        // It limits the whole answer, streams included; a silent backend is the cluster's matter.
        ("Timeout", NotHere("nothing: set HttpRequest:ActivityTimeout of the cluster")),
        ("Metadata", Map(Text)), ("Transforms", List(TransformShape.Transform)));

    private static readonly JsonShape Active = Object(
        ("Enabled", JsonShape.Boolean), ("Interval", Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1))),
        ("Timeout", Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10))), ("Policy", Text), ("Path", ProbePath),
        ("Query", ProbeQuery));

    private static readonly JsonShape Passive = Object(
        ("Enabled", JsonShape.Boolean), ("Policy", Text),
        ("ReactivationPeriod", Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1))));

    private static readonly JsonShape HealthCheck = Object(
        ("Active", Active), ("Passive", Passive),
        ("AvailableDestinationsPolicy", OneOf("HealthyAndUnknown", "HealthyOrPanic")));

    private static readonly JsonShape HttpClient = Object(
        ("SslProtocols", List(OneOf("Tls12", "Tls13"))), ("DangerousAcceptAnyServerCertificate", JsonShape.Boolean),
        ("MaxConnectionsPerServer", Integer(1, int.MaxValue)), ("EnableMultipleHttp2Connections", JsonShape.Boolean),
        ("RequestHeaderEncoding", Text), ("ResponseHeaderEncoding", Text),
        ("WebProxy", Object(
            ("Address", ProxyAddress), ("BypassOnLocal", JsonShape.Boolean), ("UseDefaultCredentials", JsonShape.Boolean))));

    private static readonly JsonShape HttpRequest = Object(
        ("ActivityTimeout", Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1))),
        ("Version", OneOf("1.0", "1.1", "2", "2.0", "3", "3.0")),
        ("VersionPolicy", OneOf("RequestVersionOrLower", "RequestVersionOrHigher", "RequestVersionExact")),
        ("AllowResponseBuffering", JsonShape.Boolean));

    private static readonly JsonShape Age = Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(400));

    private static readonly JsonShape Cookie = Object(
        ("Path", ProbePath), ("SameSite", OneOf(Enum.GetNames<SameSiteMode>())), ("HttpOnly", JsonShape.Boolean), ("MaxAge", Age),
        ("Domain", TextThat("a domain's name", text => text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('-', 'z'))),
        ("IsEssential", JsonShape.Boolean), ("SecurePolicy", OneOf(Enum.GetNames<CookieSecurePolicy>())), ("Expiration", Age));

    private static readonly JsonShape SessionAffinity = Object(
        ("Enabled", JsonShape.Boolean), ("Policy", OneOf("HashCookie", "ArrCookie", "Cookie", "CustomHeader")),
        ("FailurePolicy", OneOf("Redistribute", "Return503Error")), ("AffinityKeyName", HeaderName), ("Cookie", Cookie));

    private static readonly JsonShape Destination = Object(
        ("Address", Address), ("Health", Address), ("Host", HostHeader), ("Metadata", Map(Text)));

    private static readonly JsonShape Cluster = Object(
        ("LoadBalancingPolicy", OneOf("FirstAlphabetical", "Random", "PowerOfTwoChoices", "RoundRobin", "LeastRequests")),
        ("SessionAffinity", SessionAffinity), ("HealthCheck", HealthCheck), ("HttpClient", HttpClient),
        ("HttpRequest", HttpRequest), ("Destinations", Map(Destination)), ("Metadata", Map(Text)));

    public static JsonShape File { get; } = Object(
        ("ReverseProxy", Object(("Routes", MapById(Route, Exchanges.Exchange.NoRoute)), ("Clusters", MapById(Cluster)))),
        ("Cors", CorsPolicies.Shape));
}
