using Microsoft.Net.Http.Headers;

namespace Gateway.Admin;

/// <summary>What every answer of the admin listener tells a browser: to show it in no page but its own, to guess nothing, to keep nothing.
/// </summary>
internal static class AdminHeaders
{
    /// <summary>Of an answer that is no page.</summary>
    private const string NothingAllowed = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static Task ApplyAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = NothingAllowed;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers[HeaderNames.CacheControl] = "no-store";
        return next(context);
    }
}
