using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Tests.Identity;

/// <summary>Makes tokens, good ones and every kind of bad one.</summary>
internal sealed class JwtMint : IDisposable
{
    public const string Issuer = "https://issuer.test/";
    public const string Audience = "gateway";
    public const string Secret = "a secret of more than thirty-two bytes, for tests";

    public RSA Rsa { get; } = RSA.Create(2048);

    public ECDsa P256 { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public ECDsa P384 { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    public static JsonObject Claims(string user = "alice", TimeSpan? expiresIn = null) => new()
    {
        ["iss"] = Issuer,
        ["aud"] = Audience,
        ["sub"] = user,
        ["exp"] = In(expiresIn ?? TimeSpan.FromMinutes(5)),
    };

    public static long In(TimeSpan time) => (TimeProvider.System.GetUtcNow() + time).ToUnixTimeSeconds();

    public static JsonObject Header(string algorithm, string? keyId = null)
    {
        var header = new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT" };
        if (keyId is not null)
            header["kid"] = keyId;
        return header;
    }

    public string Sign(JsonObject? claims = null, JsonObject? header = null) =>
        Sign((header ?? Header("HS256")).ToJsonString(), (claims ?? Claims()).ToJsonString());

    /// <summary>Signs any text as header and payload, with the key that the header's algorithm asks for.</summary>
    public string Sign(string header, string payload, byte[]? hmacKey = null)
    {
        var input = $"{Encode(Encoding.UTF8.GetBytes(header))}.{Encode(Encoding.UTF8.GetBytes(payload))}";
        var bytes = Encoding.ASCII.GetBytes(input);
        var signature = header switch
        {
            _ when header.Contains("RS256", StringComparison.Ordinal) =>
                Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ when header.Contains("RS512", StringComparison.Ordinal) =>
                Rsa.SignData(bytes, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
            _ when header.Contains("PS256", StringComparison.Ordinal) =>
                Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
            _ when header.Contains("ES256", StringComparison.Ordinal) => P256.SignData(bytes, HashAlgorithmName.SHA256),
            _ when header.Contains("ES384", StringComparison.Ordinal) => P384.SignData(bytes, HashAlgorithmName.SHA384),
            _ when header.Contains("HS512", StringComparison.Ordinal) => HMACSHA512.HashData(Encoding.UTF8.GetBytes(Secret), bytes),
            _ => HMACSHA256.HashData(hmacKey ?? Encoding.UTF8.GetBytes(Secret), bytes),
        };
        return $"{input}.{Encode(signature)}";
    }

    /// <summary>A JWK set of the three public keys, named after their kind; <paramref name="change"/> may spoil it.</summary>
    public string Jwks(Action<JsonArray>? change = null, string suffix = "")
    {
        var rsa = Rsa.ExportParameters(false);
        var keys = new JsonArray(
            new JsonObject { ["kty"] = "RSA", ["kid"] = "rsa" + suffix, ["use"] = "sig", ["n"] = Encode(rsa.Modulus!),
                ["e"] = Encode(rsa.Exponent!) },
            Elliptic("P-256", "p256" + suffix, P256),
            Elliptic("P-384", "p384" + suffix, P384));
        change?.Invoke(keys);
        return new JsonObject { ["keys"] = keys }.ToJsonString();
    }

    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    public void Dispose()
    {
        Rsa.Dispose();
        P256.Dispose();
        P384.Dispose();
    }

    private static JsonObject Elliptic(string curve, string keyId, ECDsa key)
    {
        var point = key.ExportParameters(false).Q;
        return new JsonObject { ["kty"] = "EC", ["crv"] = curve, ["kid"] = keyId, ["x"] = Encode(point.X!), ["y"] = Encode(point.Y!) };
    }
}
