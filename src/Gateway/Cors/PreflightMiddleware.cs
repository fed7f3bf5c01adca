using Gateway.Exchanges;
using Gateway.Snapshots;

namespace Gateway.Cors;

/// <summary>
/// Answers a preflight by the policy of the route that the request after it will take. It names nobody, so no cohort could decide it.
/// Without a policy it goes on, to the route's last cluster.
/// </summary>
internal sealed class PreflightMiddleware(RequestDelegate next, ConfigStore store)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!Preflight.IsOne(context.Request)
            || store.Current.FindPolicy(context.GetReverseProxyFeature().Route.Config.RouteId) is not { Cors: not null } policy)
            return next(context);
        var exchange = context.GetExchange();
        exchange.Route = policy.Preflight;
        exchange.Reason = RouteReason.Ungated;
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
