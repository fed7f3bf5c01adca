using Gateway.Wire;

namespace Gateway.Routing;

/// <summary>
/// Finds the route of a request that is about another method's: HEAD is about GET, a preflight about what it announces. All other requests
/// are left to the framework's own matching, which follows and passes over what has its route.
/// </summary>
internal sealed class MatchingMiddleware(RequestDelegate next, RouteMatcher routes)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (RouteMatcher.IsAboutAnotherMethod(context.Request))
            return MatchFirstAsync(context);
        Task answered;
        try
        {
            answered = next(context);
        }
        catch (Exception error) when (RouteMatcher.IsAmbiguity(error))
        {
            return RefuseAsync(context);
        }

        // The matching never waits: where it failed, its task has failed when it comes.
        return answered is { IsFaulted: true, Exception.InnerException: { } fault } && RouteMatcher.IsAmbiguity(fault)
            ? RefuseAsync(context)
            : answered;
    }

    private async Task MatchFirstAsync(HttpContext context)
    {
        try
        {
            await routes.MatchAsync(context);
            await next(context);
        }
        catch (Exception error) when (RouteMatcher.IsAmbiguity(error) && !context.Response.HasStarted)
        {
            await RefuseAsync(context);
        }
    }

    /// <summary>A header that is sent twice may be of two routes that exclude each other for every other request.</summary>
    private static Task RefuseAsync(HttpContext context) => WireRefusal.AnswerAsync(context, WireFault.AmbiguousRoute);
}
