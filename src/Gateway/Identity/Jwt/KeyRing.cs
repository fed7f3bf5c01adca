using System.Buffers.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Identity.Jwt;

/// <summary>
/// The keys in force, swapped as one. The library makes the keys; which of a set may become one is decided here, since it takes
/// short moduli, a certificate in place of the numbers, and keys of another use. Source: RFC 7517, and RFC 7518 section 6.
/// </summary>
/// <param name="Skipped">What the set also holds and why it is not used.</param>
internal sealed record KeyRing(IReadOnlyList<TokenKey> Keys, IReadOnlyList<string> Skipped)
{
    private static readonly string[] RsaAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256];

    /// <summary>What a key of a set may be made for. HS256 is not among them: its key is never fetched.</summary>
    public static readonly IReadOnlyList<string> Algorithms =
        [.. RsaAlgorithms, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384];

    private const int MostKeys = 64;
    private const int SmallestModulus = 2048 / 8;
    private const int LargestModulus = 8192 / 8; // A verification grows with its square.

    /// <exception cref="InvalidDataException">No JWK set, or none of its keys can be used; the message says why.</exception>
    public static KeyRing Parse(ReadOnlyMemory<byte> json, JwtOptions options)
    {
        var keys = new List<TokenKey>();
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
                if (Read(jwk, options, out var problem) is { } key)
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

    private static TokenKey? Read(JsonElement jwk, JwtOptions options, out string? problem)
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
        return Text(jwk, "kty") switch
        {
            JsonWebAlgorithmsKeyTypes.RSA => ReadRsa(jwk, options, out problem),
            JsonWebAlgorithmsKeyTypes.EllipticCurve => ReadElliptic(jwk, options, out problem),
            _ => Skip(out problem, "kty is neither RSA nor EC"),
        };
    }

    private static TokenKey? ReadRsa(JsonElement jwk, JwtOptions options, out string? problem)
    {
        var algorithm = Text(jwk, "alg");
        if (algorithm is not null && !RsaAlgorithms.Contains(algorithm))
            return Skip(out problem, "alg is neither RS256 nor PS256");
        var modulus = Number(jwk, "n");
        var exponent = Number(jwk, "e");
        if (modulus.Length is < SmallestModulus or > LargestModulus || (modulus.Length == SmallestModulus && modulus[0] < 0x80))
            return Skip(out problem, "n is not of 2048 to 8192 bits");
        if (exponent.Length is 0 or > 4 || exponent is [< 3] || exponent[^1] % 2 == 0)
            return Skip(out problem, "e is not an odd number above 1");
        var numbers = new JsonWebKey { N = Base64Url.EncodeToString(modulus), E = Base64Url.EncodeToString(exponent) };
        return Convert(jwk, numbers, algorithm is null ? RsaAlgorithms : [algorithm], options, out problem);
    }

    private static TokenKey? ReadElliptic(JsonElement jwk, JwtOptions options, out string? problem)
    {
        var curve = Text(jwk, "crv");
        var (algorithm, length) = curve switch
        {
            JsonWebKeyECTypes.P256 => (SecurityAlgorithms.EcdsaSha256, 32),
            JsonWebKeyECTypes.P384 => (SecurityAlgorithms.EcdsaSha384, 48),
            _ => ("", 0),
        };
        if (length == 0)
            return Skip(out problem, "crv is neither P-256 nor P-384");
        if (Text(jwk, "alg") is { } named && named != algorithm)
            return Skip(out problem, "alg does not belong to crv");
        if (!StrictBase64.TryDecode(Text(jwk, "x"), out var x) || !StrictBase64.TryDecode(Text(jwk, "y"), out var y)
            || x.Length != length || y.Length != length)
        {
            return Skip(out problem, "x or y has not the curve's length");
        }

        var point = new JsonWebKey { Crv = curve, X = Text(jwk, "x"), Y = Text(jwk, "y") };
        return Convert(jwk, point, [algorithm], options, out problem);
    }

    /// <param name="numbers">Only what was looked at above: the library would take a certificate (<c>x5c</c>) for the key.</param>
    private static TokenKey? Convert(JsonElement jwk, JsonWebKey numbers, string[] algorithms, JwtOptions options, out string? problem)
    {
        problem = null;
        numbers.Kty = Text(jwk, "kty");
        numbers.Kid = Text(jwk, "kid");
        return JsonWebKeyConverter.TryConvertToSecurityKey(numbers, out var key)
            ? new(key, algorithms, options)
            : Skip(out problem, "its numbers are no key");
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
        StrictBase64.TryDecode(Text(jwk, member), out var bytes) ? bytes.AsSpan().TrimStart((byte)0).ToArray() : [];

    private static TokenKey? Skip(out string? problem, string why)
    {
        problem = why;
        return null;
    }
}
