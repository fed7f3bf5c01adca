using System.Text;
using Gateway.Identity.Jwt;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Tests.Identity;

/// <summary>
/// The examples that RFC 7515 (appendix A.1 to A.3) and RFC 7519 (section 3.1) print, byte for byte.
/// Holds docs/contract.md section 3: the decision.
/// </summary>
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

    private static readonly DateTimeOffset AnyTime = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The examples name no user but their issuer.</summary>
    private static readonly JwtOptions Options = new() { Issuer = "joe", Audience = "any", UserClaim = "iss" };

    private static readonly TokenKey Hs = new(new SymmetricSecurityKey(Decode(HsKey)), ["HS256"], Options);
    private static readonly TokenKey Rs = Jwk($$"""{"kty":"RSA","n":"{{RsKey}}","e":"AQAB"}""");
    private static readonly TokenKey Es = Jwk(EsKey);

    [Fact]
    public Task Rfc7515A1_Hs256_Verifies() => AssertVerifiesAsync(Hs256, Hs);

    [Fact]
    public Task Rfc7515A2_Rs256_Verifies() => AssertVerifiesAsync(Rs256, Rs);

    [Fact]
    public Task Rfc7515A3_Es256_Verifies() => AssertVerifiesAsync(Es256, Es);

    [Theory]
    [InlineData(Hs256)]
    [InlineData(Rs256)]
    [InlineData(Es256)]
    public async Task Rfc7515Examples_AnyPartChanged_DoNotVerify(string token)
    {
        var parts = token.Split('.');
        foreach (var changed in (string[])[Flip(parts, 1, 8), Flip(parts, 1, 70), Flip(parts, 2, 0), Flip(parts, 2, 40)])
        {
            foreach (var key in (TokenKey[])[Hs, Rs, Es])
                Assert.False(await VerifiesAsync(changed, key));
        }
    }

    [Fact]
    public async Task Rfc7519Section31_ItsSignatureHolds_ItHasExpiredAndNamesNoAudience()
    {
        var library = new JsonWebTokenHandler();
        Assert.Null(PresentedToken.TryParse(Hs256, Options, AnyTime, out var token));
        Assert.IsType<SecurityTokenExpiredException>((await library.ValidateTokenAsync(token!.Text, Hs.Parameters)).Exception);

        var atItsTime = Parameters(Hs);
        atItsTime.ValidateAudience = true;
        Assert.IsType<SecurityTokenInvalidAudienceException>((await library.ValidateTokenAsync(token.Text, atItsTime)).Exception);
    }

    [Fact]
    public async Task Rfc7519Section61_UnsecuredToken_NoKeyAllowsIt()
    {
        const string Unsecured = "eyJhbGciOiJub25lIn0." + Payload + ".";
        Assert.Null(PresentedToken.TryParse(Unsecured, Options, AnyTime, out var token));
        foreach (var key in (TokenKey[])[Hs, Rs, Es])
        {
            Assert.False(key.Allows(token!.Header.Algorithm));
            Assert.False(await VerifiesAsync(Unsecured, key));
        }
    }

    private static async Task AssertVerifiesAsync(string text, TokenKey key)
    {
        Assert.Null(PresentedToken.TryParse(text, Options, AnyTime, out var token));
        Assert.True(key.Allows(token!.Header.Algorithm));
        Assert.True(await VerifiesAsync(text, key));
    }

    private static async Task<bool> VerifiesAsync(string text, TokenKey key) =>
        (await new JsonWebTokenHandler().ValidateTokenAsync(text, Parameters(key))).IsValid;

    /// <summary>What the key is used with, for tokens of 2011 that name no audience.</summary>
    private static TokenValidationParameters Parameters(TokenKey key) => new()
    {
        IssuerSigningKey = key.Parameters.IssuerSigningKey,
        ValidAlgorithms = key.Parameters.ValidAlgorithms,
        ValidIssuer = key.Parameters.ValidIssuer,
        ValidAudience = key.Parameters.ValidAudience,
        ValidateLifetime = false,
        ValidateAudience = false,
    };

    private static string Flip(string[] parts, int part, int at)
    {
        var chars = parts[part].ToCharArray();
        chars[at] = chars[at] == 'A' ? 'B' : 'A';
        return string.Join('.', parts.Select((p, i) => i == part ? new string(chars) : p));
    }

    private static TokenKey Jwk(string jwk) => KeyRing.Parse(Encoding.UTF8.GetBytes($$"""{"keys":[{{jwk}}]}"""), Options).Keys.Single();

    private static byte[] Decode(string text) => StrictBase64.TryDecode(text, out byte[] bytes) ? bytes : throw new FormatException(text);
}
