using Gateway.Wire;

namespace Gateway.Routing;

/// <summary>
/// Finds the route of a request that is about another method's: HEAD is about GET, a preflight about what it announces. All other requests
/// are left to the framework's own matching, which follows and passes over what has its route.
/// </summary>
internal sealed class MatchingMiddleware(RequestDelegate next, RouteMatcher routes)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            if (RouteMatcher.IsAboutAnotherMethod(context.Request))
                await routes.MatchAsync(context);
            await next(context);
        }
        catch (Exception error) when (RouteMatcher.IsAmbiguity(error) && !context.Response.HasStarted)
        {
            // A header that is sent twice may be of two routes that exclude each other for every other request.
            await WireRefusal.AnswerAsync(context, WireFault.AmbiguousRoute);
        }
    }
}
