using ServiceDefaults.Correlation;

namespace Gateway.Exchanges;

/// <summary>
/// What became of one request: the header stamp, the log line and the metrics all read it here, so they cannot disagree.
/// Until a backend answers, the gateway itself has refused.
/// </summary>
internal sealed class Exchange(RequestFields fields)
{
    public const string NoRoute = "none";

    /// <summary>
    /// Set on an upstream request, so that whoever sends it finds the exchange, and a client's abort can be told from a timeout.
    /// </summary>
    public static readonly HttpRequestOptionsKey<HttpContext> ContextKey = new("gateway.context");

    /// <summary>What its log lines carry.</summary>
    public RequestFields Fields => fields;

    /// <summary>By the clock's timestamp.</summary>
    public long StartedAt { get; init; }

    public Caller Caller { get; set; } = Caller.Anonymous;

    public RoutePolicy? Route { get; set; }

    public string ServedBy { get; set; } = Backend.GatewayId;

    public RouteReason Reason { get; set; } = RouteReason.Refused;

    /// <summary>RFC 9209 value, when an upstream failed or the gateway answered by itself.</summary>
    public string? ProxyStatus { get; set; }

    /// <summary>What the try that is under way may mean for others.</summary>
    public UpstreamTry Try { get; set; }

    /// <summary>The stream that is or was being answered, if it is one.</summary>
    public StreamProgress? Stream { get; set; }

    public string RouteId => Route?.RouteId ?? NoRoute;
}

/// <param name="IsJudged">
/// Somebody else could answer in its place, so its answers open and close a circuit. Where nobody could, a failing page must not take
/// the good ones away.
/// </param>
/// <param name="IsLastResort">Sent whatever the circuits say.</param>
/// <param name="ClientFailed">It ended because the client's body broke off, was malformed or came to a halt.</param>
internal readonly record struct UpstreamTry(bool IsJudged, bool IsLastResort, bool ClientFailed = false);

internal static class ExchangeContext
{
    /// <summary>The exchange of a request of the public listener; opened by the outermost phase.</summary>
    public static Exchange GetExchange(this HttpContext context) => context.Features.GetRequiredFeature<Exchange>();
}
