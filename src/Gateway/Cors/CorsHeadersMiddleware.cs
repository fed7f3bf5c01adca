using Gateway.Exchanges;
using Gateway.Routing;
using Gateway.Snapshots;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Net.Http.Headers;

namespace Gateway.Cors;

/// <summary>
/// Puts the headers of its route's policy on every answer, whoever gave it: a page that two backends answer in turn must not be shut out
/// by one of them. Routes without a policy are their backends' own matter, and nothing is touched.
/// </summary>
internal sealed class CorsHeadersMiddleware(RequestDelegate next, ConfigStore store, RouteMatcher routes, ICorsService cors)
{
    /// <summary>What a backend may have said of its own: two of them are refused by browsers.</summary>
    private static readonly string[] Ours =
    [
        HeaderNames.AccessControlAllowOrigin, HeaderNames.AccessControlAllowCredentials, HeaderNames.AccessControlAllowHeaders,
        HeaderNames.AccessControlAllowMethods, HeaderNames.AccessControlExposeHeaders, HeaderNames.AccessControlMaxAge,
    ];

    public Task InvokeAsync(HttpContext context)
    {
        if (store.Current.Gateway.HasCors)
            Register(context);
        return next(context);
    }

    /// <summary>A method of its own: what captures the context is made where a method begins, also when nobody needs it.</summary>
    private void Register(HttpContext context) => context.Response.OnStarting(() => StampAsync(context));

    private async Task StampAsync(HttpContext context)
    {
        if (await FindPolicyAsync(context) is not { } policy)
            return;
        var headers = context.Response.Headers;
        foreach (var name in Ours)
            headers.Remove(name);
        // Also on an answer to somebody who is no page: a cache would give it to one that is.
        var varies = headers.GetCommaSeparatedValues(HeaderNames.Vary).Contains("Origin", StringComparer.OrdinalIgnoreCase);
        if (!policy.AllowAnyOrigin && !varies)
            headers.Append(HeaderNames.Vary, "Origin");
        if (context.Request.Headers.Origin.Count == 0)
            return;
        var result = cors.EvaluatePolicy(context, policy);
        result.VaryByOrigin = false; // Said above.
        cors.ApplyResult(result, context.Response);
    }

    private async Task<CorsPolicy?> FindPolicyAsync(HttpContext context)
    {
        if (context.GetExchange().Route is { } decided)
            return decided.Cors;
        // Refused before it had a route, by its token or its form: a page has to be able to read that, too.
        return await routes.MatchAsync(context.Request, context.Request.Path) is { } routeId
            ? store.Current.FindPolicy(routeId)?.Cors
            : null;
    }
}
