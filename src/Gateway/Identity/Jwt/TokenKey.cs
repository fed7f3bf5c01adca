using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Identity.Jwt;

/// <summary>
/// A key, the algorithms that it was made for, and what the library is to check with it. The token never chooses: HS256 needs a
/// shared secret, so a public key that anybody can read is never a secret here, whatever the token says.
/// </summary>
internal sealed class TokenKey
{
    private readonly string[] _algorithms;

    public TokenKey(SecurityKey key, string[] algorithms, JwtOptions options)
    {
        (KeyId, _algorithms) = (key.KeyId, algorithms);
        Parameters = new SharedParameters
        {
            IssuerSigningKey = key,
            ValidAlgorithms = algorithms,
            ValidIssuer = options.Issuer,
            ValidAudience = options.Audience,
            IgnoreTrailingSlashWhenValidatingAudience = false, // "gateway/" may be somebody else.
            ClockSkew = options.ClockSkew,
            LogValidationExceptions = false,
        };
    }

    public string? KeyId { get; }

    /// <summary>One object a key, used by all requests and changed by none.</summary>
    public TokenValidationParameters Parameters { get; }

    public static TokenKey FromSecret(string secret, JwtOptions options) =>
        new(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)), [SecurityAlgorithms.HmacSha256], options);

    public bool Allows(string algorithm) => _algorithms.Contains(algorithm, StringComparer.Ordinal);

    /// <summary>A key without an id of its own, as the secret, answers to any; a token without one is tried with all.</summary>
    public bool AnswersTo(string? keyId) => keyId is null || KeyId is null || string.Equals(keyId, KeyId, StringComparison.Ordinal);

    /// <summary>
    /// The library copies its parameters for each token that holds, for those who will ask it for a <c>ClaimsIdentity</c>.
    /// Nobody does here, and nobody changes them.
    /// </summary>
    private sealed class SharedParameters : TokenValidationParameters
    {
        public override TokenValidationParameters Clone() => this;
    }
}
