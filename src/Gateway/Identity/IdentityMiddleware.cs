using System.Diagnostics;
using Gateway.Exchanges;
using Gateway.Identity.Jwt;
using Microsoft.Extensions.Primitives;

namespace Gateway.Identity;

/// <summary>
/// Settles who the caller is, and takes every inbound spelling of the identity and forwarding headers off the request, and a tester's
/// override: what a backend sees under those names is what the gateway puts there.
/// </summary>
internal sealed partial class IdentityMiddleware(
    RequestDelegate next, TrustedPeers peers, TokenVerifier tokens, ILogger<IdentityMiddleware> logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var trusted = peers.Contains(context.Connection.RemoteIpAddress);
        var exchange = context.GetExchange();
        var stated = TakeStated(headers, trusted, hasUnderscore: !exchange.HasNoUnderscore);
        if (OverrideHeader.Take(headers) is { } asked)
        {
            context.Features.Set(asked);
            exchange.HasOverrideHeader = true;
        }

        if (!trusted)
            RemoveForwarded(headers);

        if (!tokens.Enabled)
            return ContinueAs(context, stated);
        // The token wins over the header, from any peer: it is proof where the header is hearsay.
        return BearerToken.Find(headers.Authorization, out var token) switch
        {
            Credentials.Other => ContinueAs(context, stated),
            Credentials.Bearer => VerifyAsync(context, stated, tokens.VerifyAsync(token, context.RequestAborted)),
            Credentials.Ambiguous => RefuseAsync(context, TokenFault.SeveralCredentials),
            var other => throw new UnreachableException($"{other}"),
        };
    }

    /// <summary>Who the headers say is asking, if they may say it; no header of that kind is left.</summary>
    public static Caller TakeStated(IHeaderDictionary headers, bool trusted, bool hasUnderscore)
    {
        var (user, groups) = (headers[CallerHeaders.User], headers[CallerHeaders.Groups]);
        if (user.Count > 0)
            headers.Remove(CallerHeaders.User);
        if (groups.Count > 0)
            headers.Remove(CallerHeaders.Groups);
        if (hasUnderscore)
            RemoveLookalikes(headers);
        return trusted ? Read(user, groups) : Caller.Anonymous;
    }

    private Task ContinueAs(HttpContext context, Caller caller)
    {
        var exchange = context.GetExchange();
        exchange.Caller = caller;
        exchange.Fields.UserId = caller.UserId;
        return next(context);
    }

    private async Task VerifyAsync(HttpContext context, Caller stated, ValueTask<TokenOutcome> verification) => await (await verification
    switch
    {
        TokenOutcome.Accepted accepted => ContinueAs(context, accepted.Caller),
        TokenOutcome.Foreign => ContinueAs(context, stated),
        TokenOutcome.Refused refused => RefuseAsync(context, refused.Fault),
        TokenOutcome.KeysUnavailable => PutOffAsync(context),
        var other => throw new UnreachableException($"{other}"),
    });

    private Task RefuseAsync(HttpContext context, TokenFault fault)
    {
        LogRefused(fault);
        return TokenRefusal.AnswerInvalidAsync(context);
    }

    private Task PutOffAsync(HttpContext context)
    {
        LogNoKeys();
        return TokenRefusal.AnswerKeysUnavailableAsync(context);
    }

    private static Caller Read(StringValues user, StringValues groups)
    {
        // Two ids are no id: which of them a backend would have believed is anybody's guess.
        if (user.Count != 1 || CallerHeaders.Decode(user[0])?.Trim() is not { } id || !Caller.IsLegalId(id))
            return Caller.Anonymous;
        return new(id, Caller.ParseGroups(CallerHeaders.Decode(groups.ToString())));
    }

    /// <summary><c>X_User_Id</c>: CGI-like servers fold the underscore into a dash and would take it for ours.</summary>
    private static void RemoveLookalikes(IHeaderDictionary headers)
    {
        List<string>? found = null;
        foreach (var (name, _) in headers)
        {
            if (name.Contains('_') && name.Replace('_', '-') is var folded
                && (folded.Equals(CallerHeaders.User, StringComparison.OrdinalIgnoreCase)
                    || folded.Equals(CallerHeaders.Groups, StringComparison.OrdinalIgnoreCase)
                    || folded.Equals(OverrideHeader.Name, StringComparison.OrdinalIgnoreCase)
                    || folded.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)))
            {
                (found ??= []).Add(name);
            }
        }

        if (found is null)
            return;
        foreach (var name in found)
            headers.Remove(name);
    }

    private static void RemoveForwarded(IHeaderDictionary headers)
    {
        headers.Remove("Forwarded");
        headers.Remove("X-Real-IP");
        headers.Remove("X-Forwarded-For");
        headers.Remove("X-Forwarded-Proto");
        headers.Remove("X-Forwarded-Host");
        headers.Remove("X-Forwarded-Port");
        headers.Remove("X-Forwarded-Prefix");
    }

    [LoggerMessage(LogLevel.Warning, "A bearer token is refused: {Fault}")]
    private partial void LogRefused(TokenFault fault);

    [LoggerMessage(LogLevel.Warning, "A bearer token cannot be verified: no token key has been read yet")]
    private partial void LogNoKeys();
}
