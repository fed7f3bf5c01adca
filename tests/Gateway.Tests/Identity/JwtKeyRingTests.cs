using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Identity.Jwt;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Tests.Identity;

/// <summary>Holds docs/contract.md section 3: the decision.</summary>
public sealed class JwtKeyRingTests : IDisposable
{
    private readonly JwtMint _mint = new();

    public void Dispose() => _mint.Dispose();

    [Fact]
    public void Set_OfThreeKinds_IsUsedWhole() => Assert.Equal(["rsa", "p256", "p384"], Parse(_mint.Jwks()).Keys.Select(k => k.KeyId));

    [Theory]
    [InlineData("rsa", "RS256", true)]
    [InlineData("rsa", "PS256", true)]
    [InlineData("rsa", "RS512", false)]
    [InlineData("rsa", "HS256", false)]
    [InlineData("rsa", "none", false)]
    [InlineData("rsa", "rs256", false)]
    [InlineData("p256", "ES256", true)]
    [InlineData("p256", "ES384", false)]
    [InlineData("p256", "RS256", false)]
    [InlineData("p384", "ES384", true)]
    [InlineData("p384", "ES256", false)]
    public void Key_OfAKind_AllowsItsAlgorithmsOnly(string keyId, string algorithm, bool allowed) =>
        Assert.Equal(allowed, Parse(_mint.Jwks()).Keys.Single(k => k.KeyId == keyId).Allows(algorithm));

    [Fact]
    public void RsaKey_WithAlg_AllowsThatOneOnly()
    {
        var key = Parse(_mint.Jwks(keys => keys[0]!["alg"] = "PS256")).Keys[0];
        Assert.True(key.Allows("PS256"));
        Assert.False(key.Allows("RS256"));
    }

    [Theory]
    [InlineData("""{"use":"enc"}""", "use is not sig")]
    [InlineData("""{"key_ops":["sign","encrypt"]}""", "key_ops without verify")]
    [InlineData("""{"key_ops":"verify"}""", "key_ops without verify")]
    [InlineData("""{"alg":"RS512"}""", "alg is neither RS256 nor PS256")]
    [InlineData("""{"alg":"HS256"}""", "alg is neither RS256 nor PS256")]
    [InlineData("""{"kty":"oct","k":"c2VjcmV0"}""", "kty is neither RSA nor EC")]
    [InlineData("""{"n":"AQAB"}""", "n is not of 2048 to 8192 bits")]
    [InlineData("""{"n":"not base64!"}""", "n is not of 2048 to 8192 bits")]
    [InlineData("""{"e":"AQ"}""", "e is not an odd number above 1")]
    [InlineData("""{"e":"AQAA"}""", "e is not an odd number above 1")]
    public void RsaKey_ThatIsNotForThis_IsSkippedWithItsReason(string change, string reason)
    {
        var ring = Parse(_mint.Jwks(keys =>
        {
            foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
                keys[0]![name] = value!.DeepClone();
        }));
        Assert.Equal(2, ring.Keys.Count);
        Assert.Equal($"keys[0]: {reason}", Assert.Single(ring.Skipped));
    }

    [Fact]
    public void RsaKey_Below2048Bits_IsSkipped()
    {
        using var small = RSA.Create(2040);
        var ring = Parse(_mint.Jwks(keys => keys[0]!["n"] = JwtMint.Encode(small.ExportParameters(false).Modulus)));
        Assert.DoesNotContain(ring.Keys, k => k.KeyId == "rsa");
    }

    [Fact]
    public void RsaKey_WithLeadingZero_IsTheSameKey()
    {
        var modulus = _mint.Rsa.ExportParameters(false).Modulus!;
        var ring = Parse(_mint.Jwks(keys => keys[0]!["n"] = JwtMint.Encode([0, .. modulus])));
        Assert.Empty(ring.Skipped);
        Assert.Equal(modulus, Assert.IsType<RsaSecurityKey>(ring.Keys[0].Parameters.IssuerSigningKey).Parameters.Modulus);
    }

    [Fact]
    public void RsaKey_WithTheCertificateOfAnother_IsItsNumbers()
    {
        using var other = RSA.Create(1024);
        var certificate = new CertificateRequest("CN=other", other, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        var ring = Parse(_mint.Jwks(keys => keys[0]!["x5c"] = new JsonArray(Convert.ToBase64String(certificate.RawData))));
        var key = Assert.IsType<RsaSecurityKey>(ring.Keys[0].Parameters.IssuerSigningKey);
        Assert.Equal(_mint.Rsa.ExportParameters(false).Modulus, key.Parameters.Modulus);
    }

    [Fact]
    public void Key_WithAnIdThatIsNoText_IsAKeyWithoutId() =>
        Assert.Null(Parse(_mint.Jwks(keys => keys[0]!["kid"] = 7)).Keys[0].KeyId);

    [Fact]
    public void EllipticKey_OffItsCurve_IsSkipped()
    {
        var ring = Parse(_mint.Jwks(keys => keys[1]!["y"] = keys[1]!["x"]!.DeepClone()));
        Assert.DoesNotContain(ring.Keys, k => k.KeyId == "p256");
    }

    [Theory]
    [InlineData("P-384")]
    [InlineData("P-521")]
    [InlineData("secp256k1")]
    public void EllipticKey_OfAnotherCurve_IsSkipped(string curve) =>
        Assert.Single(Parse(_mint.Jwks(keys => keys[1]!["crv"] = curve)).Skipped);

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"keys":{}}""")]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{"keys":[null,1,"x",[]]}""")]
    [InlineData("""{"keys":[{"kty":"RSA"}]}""")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256"}]}""")]
    public void Set_WithoutAUsableKey_IsRefused(string json) => Assert.Throws<InvalidDataException>(() => Parse(json));

    [Fact]
    public void Set_OfHundredKeys_IsRefused() => Assert.Throws<InvalidDataException>(() => Parse(_mint.Jwks(keys =>
    {
        while (keys.Count < 100)
            keys.Add(keys[0]!.DeepClone());
    })));

    private static KeyRing Parse(string json) => KeyRing.Parse(Encoding.UTF8.GetBytes(json), new JwtOptions());
}
