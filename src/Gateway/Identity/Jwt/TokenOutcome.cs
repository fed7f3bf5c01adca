using Gateway.Exchanges;

namespace Gateway.Identity.Jwt;

/// <summary>What became of a bearer token: one of the four below. <c>IdentityMiddleware</c> switches over them, once.</summary>
internal abstract record TokenOutcome
{
    private TokenOutcome()
    {
    }

    public sealed record Accepted(Caller Caller) : TokenOutcome;

    public sealed record Refused(TokenFault Fault) : TokenOutcome;

    /// <summary>Another issuer's, or no JWT at all: not ours to judge.</summary>
    public sealed record Foreign : TokenOutcome;

    /// <summary>Not the token's fault: no key has been read from the JWKS source yet.</summary>
    public sealed record KeysUnavailable : TokenOutcome;
}
