using System.Text.Json;

namespace Gateway.Identity.Jwt;

/// <param name="Algorithm">What the token says; the key decides whether it may say so.</param>
internal readonly record struct TokenHeader(string Algorithm, string? KeyId)
{
    private const int LongestKeyId = 256;

    /// <summary>A key that the token brings along proves nothing, and <c>crit</c> names what we would have to understand.</summary>
    private static readonly string[] NeverAllowed = ["crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc"];

    public static TokenFault? TryRead(JsonElement root, out TokenHeader header)
    {
        header = default;
        foreach (var name in NeverAllowed)
        {
            if (root.TryGetProperty(name, out _))
                return TokenFault.HeaderParameter;
        }

        if (root.TryGetProperty("typ", out var type) && !IsAccessToken(Text(type)))
            return TokenFault.HeaderParameter;
        string? keyId = null;
        if (root.TryGetProperty("kid", out var kid) && (keyId = Text(kid)) is not { Length: > 0 and <= LongestKeyId })
            return TokenFault.HeaderParameter;
        if (!root.TryGetProperty("alg", out var alg) || Text(alg) is not { Length: > 0 } algorithm)
            return TokenFault.Algorithm;
        header = new(algorithm, keyId);
        return null;
    }

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>RFC 8725 section 3.11: a logout token or a DPoP proof of the same issuer is not a login.</summary>
    private static bool IsAccessToken(string? typ)
    {
        var type = typ.AsSpan();
        if (type.StartsWith("application/", StringComparison.OrdinalIgnoreCase))
            type = type["application/".Length..];
        return type.Equals("JWT", StringComparison.OrdinalIgnoreCase) || type.Equals("at+jwt", StringComparison.OrdinalIgnoreCase);
    }
}
