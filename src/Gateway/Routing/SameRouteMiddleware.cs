using Gateway.Exchanges;
using Gateway.Wire;

namespace Gateway.Routing;

/// <summary>
/// Refuses a path that another way of reading it would send along another route. Only such paths pay for the second match.
/// </summary>
internal sealed class SameRouteMiddleware(RequestDelegate next, RouteMatcher routes)
{
    public Task InvokeAsync(HttpContext context) =>
        context.GetExchange().HasLenientReading && context.Features.Get<LenientReading>() is { HasDotSegments: false } reading
            ? CheckAsync(context, reading)
            : next(context);

    private async Task CheckAsync(HttpContext context, LenientReading reading)
    {
        var taken = context.GetReverseProxyFeature().Route.Config.RouteId;
        var alike = await routes.MatchAsync(context.Request, reading.Path) == taken;
        await (alike ? next(context) : WireRefusal.AnswerAsync(context, WireFault.AmbiguousPath));
    }
}
