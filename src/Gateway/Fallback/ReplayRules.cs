using Gateway.Exchanges;

namespace Gateway.Fallback;

/// <summary>Which requests may be sent twice (docs/contract.md section 4).</summary>
internal static class ReplayRules
{
    /// <summary>Safe and idempotent methods of RFC 9110 section 9.2, or a route that says that twice harms nobody.</summary>
    public static bool AllowAfterSending(HttpRequest request, RoutePolicy route) =>
        route.Replay == ReplayRule.Always
        || HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)
        || HttpMethods.IsPut(request.Method) || HttpMethods.IsDelete(request.Method) || HttpMethods.IsTrace(request.Method);
}
