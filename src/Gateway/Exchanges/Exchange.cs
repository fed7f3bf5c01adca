using ServiceDefaults.Correlation;

namespace Gateway.Exchanges;

/// <summary>
/// What became of one request: the header stamp, the log line and the metrics all read it here, so they cannot disagree.
/// Until a backend answers, the gateway itself has refused.
/// </summary>
internal sealed class Exchange(RequestFields fields)
{
    public const string NoRoute = "none";

    private const double PlaceOfNobody = 1;

    // Every request has one of these objects: an assignment of its own would be three words more.
    private double _place;
    private bool _isCanary;

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

    /// <summary>As it was when the request came; a step of the rollout while it is under way changes nothing for it.</summary>
    public Assignment? Assignment
    {
        get => _place == 0 ? null : new(_place - PlaceOfNobody, _isCanary);
        set => (_place, _isCanary) = value is { } given ? (given.Bucket + PlaceOfNobody, given.IsCanary) : (0, false);
    }

    public string ServedBy { get; set; } = Backend.GatewayId;

    public RouteReason Reason { get; set; } = RouteReason.Refused;

    /// <summary>RFC 9209 value, when an upstream failed or the gateway answered by itself.</summary>
    public string? ProxyStatus { get; set; }

    /// <summary>The one that is under way or was the last; null while no backend was asked.</summary>
    public UpstreamTry? Try { get; set; }

    /// <summary>Its path can be read in more than one way, and nothing is wrong with that by itself.</summary>
    public bool HasLenientReading { get; set; }

    /// <summary>No request header's name has an underscore, which some servers read as a dash.</summary>
    public bool HasNoUnderscore { get; set; }

    /// <summary>An <see cref="OverrideHeader"/> came, and is a feature of the request.</summary>
    public bool HasOverrideHeader { get; set; }

    /// <summary>A tester chose the side, not the cohort: this request is no evidence about either, whoever answers it.</summary>
    public bool IsOverridden { get; set; }

    /// <summary>The stream that is or was being answered, if it is one.</summary>
    public StreamProgress? Stream { get; set; }

    public string RouteId => Route?.RouteId ?? NoRoute;
}

internal static class ExchangeContext
{
    /// <summary>
    /// The exchange of a request of the public listener; opened by the outermost phase. By its key, because every phase asks and the
    /// server's generic look-up is dispatched more slowly.
    /// </summary>
    public static Exchange GetExchange(this HttpContext context) => context.Features[typeof(Exchange)] as Exchange
        ?? throw new InvalidOperationException("Nobody has opened the exchange of this request.");
}
