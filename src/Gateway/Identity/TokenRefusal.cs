using Gateway.Exchanges;
using ServiceDefaults.Problems;

namespace Gateway.Identity;

/// <summary>The answers to a token that is not believed. They say that, and nothing that would help to make a better one.</summary>
internal static class TokenRefusal
{
    public static Task AnswerInvalidAsync(HttpContext context)
    {
        context.GetExchange().ProxyStatus = ProxyStatus.RequestDenied;
        context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        return Problem.For(
            context, StatusCodes.Status401Unauthorized, "invalid-token", "The bearer token is not accepted.").WriteAsync(context);
    }

    public static Task AnswerKeysUnavailableAsync(HttpContext context)
    {
        context.GetExchange().ProxyStatus = ProxyStatus.ProxyInternalResponse;
        context.Response.Headers.RetryAfter = "2";
        return Problem.For(
            context, StatusCodes.Status503ServiceUnavailable, "token-keys-unavailable",
            "Bearer tokens cannot be verified at the moment. Nothing was done; try again.").WriteAsync(context);
    }
}
