using Microsoft.Net.Http.Headers;
using ServiceDefaults.Endpoints;
using ServiceDefaults.Problems;

namespace Gateway.Admin;

/// <summary>Who may act over the admin listener: whoever has the key, and no page of elsewhere whatever it has.</summary>
internal sealed class AdminKey(AdminOptions options) : IEndpointFilter
{
    private readonly BearerKey? _key = options.Key is { Length: > 0 } key ? new(key) : null;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (Refuse(context.HttpContext) is not { } refusal)
            return await next(context);
        await refusal.WriteAsync(context.HttpContext);
        return Results.Empty;
    }

    private Problem? Refuse(HttpContext context)
    {
        if (_key is null)
        {
            return Problem.For(context, StatusCodes.Status403Forbidden, "acting-off",
                "Nobody may act here: Admin:Key is not set. `gateway rollout` acts on the folder itself.");
        }

        if (IsOfAnotherPage(context.Request))
        {
            return Problem.For(context, StatusCodes.Status403Forbidden, "other-origin",
                "A page of another origin may not act here.");
        }

        if (_key.IsShownBy(context.Request))
            return null;
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problem.For(context, StatusCodes.Status401Unauthorized, "unauthorized", "Authorization: Bearer and the key of Admin:Key.");
    }

    private static bool IsOfAnotherPage(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0 && site is not ("same-origin" or "none"))
            return true;
        var origin = request.Headers[HeaderNames.Origin].ToString();
        return origin.Length > 0 && !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }
}
