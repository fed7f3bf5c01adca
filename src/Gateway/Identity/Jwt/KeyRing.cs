using System.Security.Cryptography;
using System.Text.Json;

namespace Gateway.Identity.Jwt;

/// <summary>The keys in force, swapped as one. Source: RFC 7517, and RFC 7518 section 6 for the members of a key.</summary>
/// <param name="Skipped">What the set also holds and why it is not used.</param>
internal sealed record KeyRing(IReadOnlyList<VerificationKey> Keys, IReadOnlyList<string> Skipped)
{
    private const int MostKeys = 64;
    private const int SmallestModulus = 2048 / 8;
    private const int LargestModulus = 8192 / 8; // A verification grows with its square.

    /// <exception cref="InvalidDataException">No JWK set, or none of its keys can be used; the message says why.</exception>
    public static KeyRing Parse(ReadOnlyMemory<byte> json)
    {
        var keys = new List<VerificationKey>();
        var skipped = new List<string>();
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16 });
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("keys", out var set) || set.ValueKind != JsonValueKind.Array)
            {
                throw new InvalidDataException("not a JWK set: no array \"keys\"");
            }

            if (set.GetArrayLength() > MostKeys)
                throw new InvalidDataException($"more than {MostKeys} keys");
            foreach (var jwk in set.EnumerateArray())
            {
                var name = $"keys[{keys.Count + skipped.Count}]";
                if (Read(jwk, out var problem) is { } key)
                    keys.Add(key);
                else
                    skipped.Add($"{name}: {problem}");
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException("not JSON: " + error.Message, error);
        }

        return keys.Count > 0 ? new(keys, skipped) : throw new InvalidDataException("no usable key; " + string.Join("; ", skipped));
    }

    private static VerificationKey? Read(JsonElement jwk, out string? problem)
    {
        problem = null;
        if (jwk.ValueKind != JsonValueKind.Object)
            problem = "not an object";
        else if (Text(jwk, "use") is { } use && use != "sig")
            problem = "use is not sig";
        else if (!MayVerify(jwk))
            problem = "key_ops without verify";
        if (problem is not null)
            return null;
        try
        {
            return Text(jwk, "kty") switch
            {
                "RSA" => ReadRsa(jwk, out problem),
                "EC" => ReadElliptic(jwk, out problem),
                _ => Skip(out problem, "kty is neither RSA nor EC"),
            };
        }
        catch (CryptographicException error)
        {
            return Skip(out problem, error.Message);
        }
    }

    private static VerificationKey? ReadRsa(JsonElement jwk, out string? problem)
    {
        problem = null;
        var algorithm = Text(jwk, "alg");
        if (algorithm is not (null or "RS256" or "PS256"))
            return Skip(out problem, "alg is neither RS256 nor PS256");
        var modulus = Number(jwk, "n");
        var exponent = Number(jwk, "e");
        if (modulus.Length is < SmallestModulus or > LargestModulus || (modulus.Length == SmallestModulus && modulus[0] < 0x80))
            return Skip(out problem, "n is not of 2048 to 8192 bits");
        if (exponent.Length is 0 or > 4 || exponent is [< 3] || exponent[^1] % 2 == 0)
            return Skip(out problem, "e is not an odd number above 1");
        return new RsaKey(Text(jwk, "kid"), algorithm, new RSAParameters { Modulus = modulus, Exponent = exponent });
    }

    private static VerificationKey? ReadElliptic(JsonElement jwk, out string? problem)
    {
        problem = null;
        var (algorithm, curve, length) = Text(jwk, "crv") switch
        {
            "P-256" => ("ES256", ECCurve.NamedCurves.nistP256, 32),
            "P-384" => ("ES384", ECCurve.NamedCurves.nistP384, 48),
            _ => ("", default, 0),
        };
        if (length == 0)
            return Skip(out problem, "crv is neither P-256 nor P-384");
        if (Text(jwk, "alg") is { } named && named != algorithm)
            return Skip(out problem, "alg does not belong to crv");
        if (!CompactToken.TryDecode(Text(jwk, "x"), out var x) || !CompactToken.TryDecode(Text(jwk, "y"), out var y)
            || x.Length != length || y.Length != length)
        {
            return Skip(out problem, "x or y has not the curve's length");
        }

        return new EllipticKey(Text(jwk, "kid"), algorithm, new ECParameters { Curve = curve, Q = new ECPoint { X = x, Y = y } });
    }

    private static bool MayVerify(JsonElement jwk)
    {
        if (!jwk.TryGetProperty("key_ops", out var operations))
            return true;
        return operations.ValueKind == JsonValueKind.Array
            && operations.EnumerateArray().Any(o => o.ValueKind == JsonValueKind.String && o.ValueEquals("verify"));
    }

    private static string? Text(JsonElement jwk, string member) =>
        jwk.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Big-endian without leading zeros, which some issuers write; empty when there is none.</summary>
    private static byte[] Number(JsonElement jwk, string member) =>
        CompactToken.TryDecode(Text(jwk, member), out var bytes) ? bytes.AsSpan().TrimStart((byte)0).ToArray() : [];

    private static VerificationKey? Skip(out string? problem, string why)
    {
        problem = why;
        return null;
    }
}
