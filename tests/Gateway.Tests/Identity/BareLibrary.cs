using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Tests.Identity;

/// <summary>The library without anything of ours, set up as its documentation says: an oracle for what our reading adds.</summary>
internal static class BareLibrary
{
    public static IReadOnlyList<SecurityKey> Secret { get; } = [new SymmetricSecurityKey(Encoding.UTF8.GetBytes(JwtMint.Secret))];

    public static IReadOnlyList<SecurityKey> Keys(string jwks) => [.. new JsonWebKeySet(jwks).GetSigningKeys()];

    public static async Task<bool> AcceptsAsync(string token, IReadOnlyList<SecurityKey> keys)
    {
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = JwtMint.Issuer,
            ValidAudience = JwtMint.Audience,
            IssuerSigningKeys = keys,
            ValidAlgorithms = keys is [SymmetricSecurityKey] ? ["HS256"] : ["RS256", "PS256", "ES256", "ES384"],
            IgnoreTrailingSlashWhenValidatingAudience = false,
            ClockSkew = TimeSpan.FromSeconds(30),
        });
        return result.IsValid;
    }
}
