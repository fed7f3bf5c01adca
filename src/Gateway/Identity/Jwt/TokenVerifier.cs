using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Identity.Jwt;

/// <summary>
/// Verifies a bearer token: our reading of its form, our choice of key, and then the library, which has the last word on signature,
/// lifetime, issuer and audience. Until it has spoken, all that the token decides is which of our keys to try.
/// </summary>
internal sealed class TokenVerifier(TokenKeys keys, IOptions<JwtOptions> options, TimeProvider clock)
{
    private readonly JwtOptions _options = options.Value;
    private readonly JsonWebTokenHandler _library = new();

    public bool Enabled { get; } = options.Value.Enabled;

    public ValueTask<TokenOutcome> VerifyAsync(ReadOnlySpan<char> text, CancellationToken cancel)
    {
        var fault = PresentedToken.TryParse(text, _options, clock.GetUtcNow(), out var token);
        if (fault is null && token!.IsOfOurIssuer)
            return VerifyAsync(token, cancel);
        // Before any key is looked for: a stranger's token must neither wait for ours nor be the reason for a fetch.
        return ClaimedIssuer.Is(text, _options.Issuer!)
            ? new(new TokenOutcome.Refused(fault ?? TokenFault.Malformed)) // Ours among others, in a list.
            : new(new TokenOutcome.Foreign());
    }

    private async ValueTask<TokenOutcome> VerifyAsync(PresentedToken token, CancellationToken cancel)
    {
        var outcome = await TryKeysAsync(keys.Current, token);
        if (outcome is TokenOutcome.KeysUnavailable or TokenOutcome.Refused { Fault: TokenFault.UnknownKey })
            outcome = await TryKeysAsync(await keys.RefreshedAsync(cancel), token);
        // Without key ids only a signature that no key verifies can tell that the keys have changed.
        if (outcome is TokenOutcome.Refused { Fault: TokenFault.BadSignature } && token.Header.KeyId is null)
            keys.Suspect();
        return outcome;
    }

    private async ValueTask<TokenOutcome> TryKeysAsync(KeyRing? ring, PresentedToken token)
    {
        var fetchable = KeyRing.Algorithms.Contains(token.Header.Algorithm);
        if (ring is null)
            return fetchable ? new TokenOutcome.KeysUnavailable() : new TokenOutcome.Refused(TokenFault.Algorithm);
        var fault = fetchable ? TokenFault.UnknownKey : TokenFault.Algorithm;
        JsonWebToken? parsed = null;
        foreach (var key in ring.Keys)
        {
            if (!key.AnswersTo(token.Header.KeyId))
                continue;
            if (!key.Allows(token.Header.Algorithm))
            {
                if (fault == TokenFault.UnknownKey)
                    fault = TokenFault.Algorithm;
                continue;
            }

            if ((parsed ??= Parse(token.Text)) is null)
                return new TokenOutcome.Refused(TokenFault.Malformed);
            var result = await _library.ValidateTokenAsync(parsed, key.Parameters);
            if (result.IsValid)
                return new TokenOutcome.Accepted(token.Caller);
            fault = ReadFault(result.Exception);
            if (fault != TokenFault.BadSignature)
                break; // The key is the right one; another cannot mend the claims.
        }

        return new TokenOutcome.Refused(fault);
    }

    private static JsonWebToken? Parse(string text)
    {
        try
        {
            return new(text);
        }
        catch (ArgumentException)
        {
            return null; // Its answer to a claim of the wrong type, as when aud is a number.
        }
    }

    /// <summary>The library's answer in our words. What it says beyond that may quote the token, so it is not logged.</summary>
    private static TokenFault ReadFault(Exception? error) => error switch
    {
        SecurityTokenInvalidSignatureException => TokenFault.BadSignature,
        SecurityTokenNoExpirationException => TokenFault.NoExpiry,
        SecurityTokenExpiredException => TokenFault.Expired,
        SecurityTokenNotYetValidException => TokenFault.NotYetValid,
        SecurityTokenInvalidLifetimeException => TokenFault.NeverValid,
        SecurityTokenInvalidIssuerException => TokenFault.Issuer,
        SecurityTokenInvalidAudienceException => TokenFault.Audience,
        _ => TokenFault.Unverifiable,
    };
}
