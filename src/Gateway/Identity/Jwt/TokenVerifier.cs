using Gateway.Exchanges;
using Microsoft.Extensions.Options;

namespace Gateway.Identity.Jwt;

/// <summary>
/// Verifies a bearer token: form, then key, then signature, then claims. Nothing the token says is acted upon before its
/// signature holds, except which of our keys to try.
/// </summary>
internal sealed class TokenVerifier(TokenKeys keys, IOptions<JwtOptions> options, TimeProvider clock)
{
    private readonly JwtOptions _options = options.Value;

    public bool Enabled { get; } = options.Value.Enabled;

    /// <returns>The caller when the fault is <see cref="TokenFault.None"/>.</returns>
    public ValueTask<(TokenFault Fault, Caller Caller)> VerifyAsync(ReadOnlySpan<char> text, CancellationToken cancel)
    {
        var fault = CompactToken.TryParse(text, out var token);
        if (fault != TokenFault.None)
            return new((fault, Caller.Anonymous));
        fault = CheckSignature(keys.Current, token!);
        return fault is TokenFault.UnknownKey or TokenFault.KeysUnavailable
            ? AfterRefreshAsync(token!, cancel)
            : new(Conclude(fault, token!));
    }

    private async ValueTask<(TokenFault, Caller)> AfterRefreshAsync(CompactToken token, CancellationToken cancel) =>
        Conclude(CheckSignature(await keys.RefreshedAsync(cancel), token), token);

    private (TokenFault, Caller) Conclude(TokenFault fault, CompactToken token)
    {
        if (fault == TokenFault.None)
        {
            fault = TokenClaims.TryRead(token.Payload, _options, clock.GetUtcNow(), out var caller);
            return (fault, fault == TokenFault.None ? caller : Caller.Anonymous);
        }

        // Without key ids only a signature that no key verifies can tell that the keys have changed.
        if (fault == TokenFault.BadSignature && token.Header.KeyId is null)
            keys.Suspect();
        return (fault, Caller.Anonymous);
    }

    private static TokenFault CheckSignature(KeyRing? ring, CompactToken token)
    {
        if (ring is null)
            return IsKnown(token.Header.Algorithm) ? TokenFault.KeysUnavailable : TokenFault.Algorithm;
        var fault = TokenFault.UnknownKey;
        foreach (var key in ring.Keys)
        {
            // A key without an id of its own, as the secret, answers to any.
            if (token.Header.KeyId is { } wanted && key.KeyId is { } has && !string.Equals(wanted, has, StringComparison.Ordinal))
                continue;
            if (!key.Allows(token.Header.Algorithm))
            {
                if (fault == TokenFault.UnknownKey)
                    fault = TokenFault.Algorithm;
                continue;
            }

            if (key.Verifies(token.Header.Algorithm, token.SigningInput.Span, token.Signature.Span))
                return TokenFault.None;
            fault = TokenFault.BadSignature;
        }

        return fault == TokenFault.UnknownKey && !IsKnown(token.Header.Algorithm) ? TokenFault.Algorithm : fault;
    }

    /// <summary>Only a token that could be right is worth a fetch. HS256 is not among them: its key is never fetched.</summary>
    private static bool IsKnown(string algorithm) => algorithm is "RS256" or "PS256" or "ES256" or "ES384";
}
