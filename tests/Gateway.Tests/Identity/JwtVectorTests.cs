using System.Text;
using Gateway.Identity.Jwt;

namespace Gateway.Tests.Identity;

/// <summary>The examples that RFC 7515 (appendix A.1 to A.3) and RFC 7519 (section 3.1) print, byte for byte.</summary>
public sealed class JwtVectorTests
{
    private const string Payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    /// <summary>A.1, and the same token as RFC 7519 section 3.1.</summary>
    private const string Hs256 = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + Payload + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    private const string HsKey = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

    private const string Rs256 =
        "eyJhbGciOiJSUzI1NiJ9." + Payload +
        ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZ" +
        "cAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-e" +
        "OkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

    private const string RsKey =
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs" +
        "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV" +
        "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";

    private const string Es256 =
        "eyJhbGciOiJFUzI1NiJ9." + Payload + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    private const string EsKey =
        """{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""";

    [Fact]
    public void Rfc7515A1_Hs256_Verifies() => Assert.True(Verifies(Hs256, new SecretKey(Decode(HsKey))));

    [Fact]
    public void Rfc7515A2_Rs256_Verifies() => Assert.True(Verifies(Rs256, Jwk($$"""{"kty":"RSA","n":"{{RsKey}}","e":"AQAB"}""")));

    [Fact]
    public void Rfc7515A3_Es256_Verifies() => Assert.True(Verifies(Es256, Jwk(EsKey)));

    [Theory]
    [InlineData(Hs256)]
    [InlineData(Rs256)]
    [InlineData(Es256)]
    public void Rfc7515Examples_AnyPartChanged_DoNotVerify(string token)
    {
        VerificationKey[] keys = [new SecretKey(Decode(HsKey)), Jwk($$"""{"kty":"RSA","n":"{{RsKey}}","e":"AQAB"}"""), Jwk(EsKey)];
        var parts = token.Split('.');
        foreach (var changed in (string[])[Flip(parts, 1, 8), Flip(parts, 1, 70), Flip(parts, 2, 0), Flip(parts, 2, 40)])
        {
            var fault = CompactToken.TryParse(changed, out var parsed);
            Assert.Equal(TokenFault.None, fault);
            Assert.DoesNotContain(keys, k => k.Allows(parsed!.Header.Algorithm) && Verifies(changed, k));
        }
    }

    [Fact]
    public void Rfc7519Section31_ItsClaims_HoldUntilTheyExpire()
    {
        var options = new JwtOptions { Issuer = "joe", Audience = "any", UserClaim = "iss" };
        Assert.Equal(TokenFault.None, CompactToken.TryParse(Hs256, out var token));
        var expiry = DateTimeOffset.FromUnixTimeSeconds(1300819380);

        // The example names no audience: it passes the clock and the issuer and stops there.
        Assert.Equal(TokenFault.Audience, TokenClaims.TryRead(token!.Payload, options, expiry.AddSeconds(29.9), out _));
        Assert.Equal(TokenFault.Expired, TokenClaims.TryRead(token.Payload, options, expiry.AddSeconds(30), out _));
    }

    [Theory]
    [InlineData("eyJhbGciOiJub25lIn0." + Payload + ".")]
    public void Rfc7519Section61_UnsecuredToken_NoKeyAllowsIt(string token)
    {
        Assert.Equal(TokenFault.None, CompactToken.TryParse(token, out var parsed));
        Assert.False(new SecretKey(Decode(HsKey)).Allows(parsed!.Header.Algorithm));
        Assert.False(Jwk(EsKey).Allows(parsed.Header.Algorithm));
    }

    private static bool Verifies(string text, VerificationKey key)
    {
        Assert.Equal(TokenFault.None, CompactToken.TryParse(text, out var token));
        return key.Allows(token!.Header.Algorithm)
            && key.Verifies(token.Header.Algorithm, token.SigningInput.Span, token.Signature.Span);
    }

    private static string Flip(string[] parts, int part, int at)
    {
        var chars = parts[part].ToCharArray();
        chars[at] = chars[at] == 'A' ? 'B' : 'A';
        return string.Join('.', parts.Select((p, i) => i == part ? new string(chars) : p));
    }

    private static VerificationKey Jwk(string jwk) => KeyRing.Parse(Encoding.UTF8.GetBytes($$"""{"keys":[{{jwk}}]}""")).Keys.Single();

    private static byte[] Decode(string text) => CompactToken.TryDecode(text, out var bytes) ? bytes : throw new FormatException(text);
}
