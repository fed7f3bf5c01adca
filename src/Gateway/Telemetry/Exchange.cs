using Gateway.Identity;
using Gateway.Routing;
using Gateway.Streams;
using ServiceDefaults.Logging;

namespace Gateway.Telemetry;

/// <summary>
/// What became of one request: the header stamp, the log line and the metrics all read it here, so they cannot disagree.
/// Until a backend answers, the gateway itself has refused.
/// </summary>
internal sealed class Exchange
{
    public const string NoRoute = "none";

    public Caller Caller { get; set; } = Caller.Anonymous;

    public RoutePolicy? Route { get; set; }

    public string ServedBy { get; set; } = Backend.GatewayId;

    public RouteReason Reason { get; set; } = RouteReason.Refused;

    /// <summary>RFC 9209 value, when an upstream failed or the gateway answered by itself.</summary>
    public string? ProxyStatus { get; set; }

    /// <summary>The stream that is or was being answered, if it is one.</summary>
    public StreamMonitor? Stream { get; set; }

    public string RouteId => Route?.RouteId ?? NoRoute;

    public static Exchange Of(HttpContext context) => context.Features.GetRequiredFeature<Exchange>();
}
