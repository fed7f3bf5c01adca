using System.Text.Json;

namespace Gateway.Identity.Jwt;

/// <param name="Algorithm">What the token says; the key decides whether it may say so.</param>
internal readonly record struct TokenHeader(string Algorithm, string? KeyId)
{
    private const int LongestKeyId = 256;

    public static TokenFault TryParse(ReadOnlyMemory<byte> json, out TokenHeader header)
    {
        header = default;
        return StrictJson.Read(json, Read, ref header);
    }

    private static TokenFault Read(JsonElement root, ref TokenHeader header)
    {
        string? algorithm = null;
        string? keyId = null;
        foreach (var parameter in root.EnumerateObject())
        {
            var text = parameter.Value.ValueKind == JsonValueKind.String ? parameter.Value.GetString() : null;
            switch (parameter.Name)
            {
                case "alg":
                    algorithm = text;
                    break;
                case "kid" when text is { Length: > 0 and <= LongestKeyId }:
                    keyId = text;
                    break;
                case "typ" when IsAccessToken(text):
                    break;
                // A key that the token brings along proves nothing, and "crit" names what we would have to understand.
                case "kid" or "typ" or "crit" or "jku" or "jwk" or "x5u" or "x5c" or "b64" or "zip" or "enc":
                    return TokenFault.HeaderParameter;
            }
        }

        if (string.IsNullOrEmpty(algorithm))
            return TokenFault.Algorithm;
        header = new(algorithm, keyId);
        return TokenFault.None;
    }

    /// <summary>RFC 8725 section 3.11: a logout token or a DPoP proof of the same issuer is not a login.</summary>
    private static bool IsAccessToken(string? typ)
    {
        var type = typ.AsSpan();
        if (type.StartsWith("application/", StringComparison.OrdinalIgnoreCase))
            type = type["application/".Length..];
        return type.Equals("JWT", StringComparison.OrdinalIgnoreCase) || type.Equals("at+jwt", StringComparison.OrdinalIgnoreCase);
    }
}
