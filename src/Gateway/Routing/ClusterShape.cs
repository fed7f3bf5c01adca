using Gateway.Configuration;
using Gateway.Health;
using static Gateway.Configuration.JsonShape;
using static Gateway.Routing.Spellings;

namespace Gateway.Routing;

/// <summary>An entry of <c>Clusters</c>.</summary>
internal static class ClusterShape
{
    /// <summary>The longest interval between probes, and the longest wait for one.</summary>
    public static readonly TimeSpan LongestProbe = TimeSpan.FromMinutes(1);

    public static readonly string[] ActivePolicies = [RiseFallHealthPolicy.PolicyName, "ConsecutiveFailures"];

    // A dead backend has to be noticed while the request that met it still has somebody waiting: alerts wait a minute on top of it.
    private static readonly JsonShape Active = Object(
        ("Enabled", JsonShape.Boolean),
        ("Interval", Duration(TimeSpan.FromMilliseconds(100), LongestProbe).As("Between two probes of a destination.")),
        ("Timeout", Duration(TimeSpan.FromMilliseconds(10), LongestProbe).As("After which a probe counts as failed.")),
        ("Policy", OneOf(ActivePolicies)
            .As("RiseFall counts failed and good probes in a row, as the cluster's Metadata says.")),
        ("Path", ProbePath.As("What is asked for, below Address, or below Health if the destination has that.")), ("Query", ProbeQuery));

    private static readonly JsonShape Passive = Object(
        ("Enabled", JsonShape.Boolean), ("Policy", OneOf("TransportFailureRate")),
        ("ReactivationPeriod", Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1))
            .As("After which a destination that was taken out is asked again.")));

    private static readonly JsonShape HealthCheck = Object(
        ("Active", Active.As("Probes.")), ("Passive", Passive.As("What requests say about a destination.")),
        ("AvailableDestinationsPolicy", OneOf("HealthyAndUnknown", "HealthyOrPanic")
            .As("HealthyOrPanic asks dead destinations when all are dead, and no fallback ever comes.")));

    private static readonly JsonShape HttpClient = Object(
        ("SslProtocols", List(OneOf("Tls12", "Tls13"))), ("DangerousAcceptAnyServerCertificate", JsonShape.Boolean),
        ("MaxConnectionsPerServer", Integer(1, int.MaxValue)), ("EnableMultipleHttp2Connections", JsonShape.Boolean),
        ("RequestHeaderEncoding", Text), ("ResponseHeaderEncoding", Text),
        ("WebProxy", Object(
            ("Address", ProxyAddress), ("BypassOnLocal", JsonShape.Boolean), ("UseDefaultCredentials", JsonShape.Boolean))));

    private static readonly JsonShape HttpRequest = Object(
        ("ActivityTimeout", Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1))
            .As("Silence of a backend in the middle of an exchange that means that it is gone.")),
        ("Version", OneOf("1.0", "1.1", "2", "2.0", "3", "3.0")),
        ("VersionPolicy", OneOf("RequestVersionOrLower", "RequestVersionOrHigher", "RequestVersionExact")),
        ("AllowResponseBuffering", JsonShape.Boolean));

    private static readonly JsonShape Age = Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(400));

    private static readonly JsonShape Cookie = Object(
        ("Path", ProbePath), ("SameSite", OneOf(Enum.GetNames<SameSiteMode>())), ("HttpOnly", JsonShape.Boolean), ("MaxAge", Age),
        ("Domain", Matching("a domain's name", "^[-.-z]+$")),
        ("IsEssential", JsonShape.Boolean), ("SecurePolicy", OneOf(Enum.GetNames<CookieSecurePolicy>())), ("Expiration", Age));

    private static readonly JsonShape SessionAffinity = Object(
        ("Enabled", JsonShape.Boolean), ("Policy", OneOf("HashCookie", "ArrCookie", "Cookie", "CustomHeader")),
        ("FailurePolicy", OneOf("Redistribute", "Return503Error")), ("AffinityKeyName", HeaderName), ("Cookie", Cookie));

    private static readonly JsonShape Destination = Object(
        ("Address", Address.As("Where the backend listens; never an address of this gateway.")),
        ("Health", Address.As("Where it is probed, if that is elsewhere.")), ("Host", HostHeader.As("The Host header that it gets.")),
        ("Metadata", Map(Text)));

    public static JsonShape Cluster { get; } = Object(
        ("LoadBalancingPolicy", OneOf("FirstAlphabetical", "Random", "PowerOfTwoChoices", "RoundRobin", "LeastRequests")),
        ("SessionAffinity", SessionAffinity), ("HealthCheck", HealthCheck), ("HttpClient", HttpClient),
        ("HttpRequest", HttpRequest),
        ("Destinations", Map(Destination.Requiring("Address")).NotEmpty("at least one destination").As("By id.")),
        ("Metadata", RiseFallOptions.Shape)).Requiring("Destinations");
}
