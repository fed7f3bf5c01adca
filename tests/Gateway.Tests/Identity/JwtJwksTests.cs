using System.Net;
using System.Security.Cryptography;

namespace Gateway.Tests.Identity;

/// <summary>Public keys from a file or a URL, and what becomes of them when the source breaks.</summary>
public sealed class JwtJwksTests : IAsyncLifetime
{
    private readonly JwtMint _mint = new();
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"jwks-{Guid.NewGuid():n}.json");
    private StubBackend _legacy = null!;
    private StubBackend _issuer = null!;

    public async ValueTask InitializeAsync()
    {
        _legacy = await StubBackend.StartAsync("legacy");
        _issuer = await StubBackend.StartAsync("issuer");
        _issuer.Answers(200, _mint.Jwks(), "application/json");
        await File.WriteAllTextAsync(_file, _mint.Jwks());
    }

    public async ValueTask DisposeAsync()
    {
        _mint.Dispose();
        await _legacy.DisposeAsync();
        await _issuer.DisposeAsync();
        File.Delete(_file);
    }

    [Theory]
    [InlineData("RS256", "rsa")]
    [InlineData("PS256", "rsa")]
    [InlineData("ES256", "p256")]
    [InlineData("ES384", "p384")]
    [InlineData("RS256", null)]
    [InlineData("ES384", null)]
    public async Task Token_SignedWithAKeyOfTheSet_IsAccepted(string algorithm, string? keyId)
    {
        await using var gateway = await Setup(_file).StartAsync();
        Assert.Equal(HttpStatusCode.OK, await AskAsync(gateway, _mint.Sign(header: JwtMint.Header(algorithm, keyId))));
    }

    [Theory]
    [InlineData("RS512", "rsa")]
    [InlineData("RS256", "p256")]
    [InlineData("ES256", "p384")]
    [InlineData("HS256", "rsa")]
    [InlineData("HS256", null)]
    [InlineData("RS256", "../../../../dev/null")]
    [InlineData("RS256", "rsa' OR '1'='1")]
    [InlineData("RS256", "file:///etc/passwd")]
    [InlineData("RS256", "rsa\0")]
    public async Task Token_WithAKeyOrAlgorithmThatDoesNotFit_IsRefused(string algorithm, string? keyId)
    {
        await using var gateway = await Setup(_file).StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(gateway, _mint.Sign(header: JwtMint.Header(algorithm, keyId))));
        Assert.Empty(_legacy.Requests);
    }

    [Fact]
    public async Task Token_SignedWithThePublicKeyAsSecret_IsRefusedInEveryEncoding()
    {
        await using var gateway = await Setup(_file).StartAsync();
        byte[][] secrets =
        [
            _mint.Rsa.ExportSubjectPublicKeyInfo(), _mint.Rsa.ExportRSAPublicKey(), _mint.Rsa.ExportParameters(false).Modulus!,
            System.Text.Encoding.ASCII.GetBytes(_mint.Rsa.ExportSubjectPublicKeyInfoPem()), File.ReadAllBytes(_file),
        ];
        foreach (var secret in secrets)
        {
            foreach (var keyId in (string?[])["rsa", null])
            {
                var token = _mint.Sign(JwtMint.Header("HS256", keyId).ToJsonString(), JwtMint.Claims().ToJsonString(), secret);
                Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(gateway, token));
            }
        }
    }

    [Fact]
    public async Task EllipticSignature_AllZero_IsRefused()
    {
        await using var gateway = await Setup(_file).StartAsync();
        var token = _mint.Sign(header: JwtMint.Header("ES256", "p256"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(gateway, token[..(token.LastIndexOf('.') + 1)] + JwtMint.Encode(new byte[64])));
    }

    [Fact]
    public async Task Url_KeysRotate_TheNewKeyIsAcceptedLongBeforeTheRefresh()
    {
        await using var gateway = await Setup(_issuer.Address + "keys")
            .Option("Identity:Jwt:JwksCooldown", "00:00:00.100").Option("Identity:Jwt:JwksRefresh", "1.00:00:00").StartAsync();
        await Eventually.TrueAsync("the keys are in force", async () =>
            await AskAsync(gateway, _mint.Sign(header: JwtMint.Header("RS256", "rsa"))) == HttpStatusCode.OK);

        using var next = new JwtMint();
        _issuer.Answers(200, next.Jwks(suffix: "-2"), "application/json");
        await Eventually.TrueAsync("the new key is accepted", async () =>
            await AskAsync(gateway, next.Sign(header: JwtMint.Header("RS256", "rsa-2"))) == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(gateway, _mint.Sign(header: JwtMint.Header("RS256", "rsa"))));
    }

    [Fact]
    public async Task Url_FloodOfUnknownKeyIds_CostsOneFetch()
    {
        await using var gateway = await Setup(_issuer.Address + "keys").Option("Identity:Jwt:JwksCooldown", "01:00:00").StartAsync();
        for (var i = 0; i < 20; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(gateway, _mint.Sign(header: JwtMint.Header("RS256", $"unknown-{i}"))));
        Assert.Single(_issuer.Requests);
    }

    [Fact]
    public async Task Url_RefreshInterval_FetchesWithoutBeingAsked()
    {
        await using var gateway = await Setup(_issuer.Address + "keys").Option("Identity:Jwt:JwksRefresh", "00:00:01").StartAsync();
        await Eventually.TrueAsync("the set is fetched again", () => _issuer.Requests.Count >= 3);
    }

    [Fact]
    public async Task Url_DownAtStart_TokensWaitForItAndNobodyElseDoes()
    {
        await _issuer.StopAsync();
        await using var gateway = await Setup(_issuer.Address + "keys").Option("Identity:Jwt:JwksCooldown", "00:00:00.100").StartAsync();
        var token = _mint.Sign(header: JwtMint.Header("RS256", "rsa"));

        using var refused = await gateway.GetAsync("/orders", null, ("Authorization", "Bearer " + token));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Contains("token-keys-unavailable", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        // A forgery is a forgery, with or without keys.
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(gateway, _mint.Sign(header: JwtMint.Header("HS256"))));
        using var anonymous = await gateway.GetAsync("/orders");
        Assert.Equal(HttpStatusCode.OK, anonymous.StatusCode);

        await _issuer.StartAsync();
        await Eventually.TrueAsync("the token is accepted", async () => await AskAsync(gateway, token) == HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("down")]
    [InlineData("broken")]
    [InlineData("empty")]
    [InlineData("stalls")]
    [InlineData("redirects")]
    public async Task Url_BreaksLater_LastGoodKeysStayInForce(string how)
    {
        await using var gateway = await Setup(_issuer.Address + "keys")
            .Option("Identity:Jwt:JwksRefresh", "00:00:01").Option("Identity:Jwt:JwksTimeout", "00:00:00.200").StartAsync();
        var token = _mint.Sign(header: JwtMint.Header("ES256", "p256"));
        await Eventually.TrueAsync("the keys are in force", async () => await AskAsync(gateway, token) == HttpStatusCode.OK);

        switch (how)
        {
            case "down":
                await _issuer.StopAsync();
                break;
            case "broken":
                _issuer.Answers(200, "<html>", "text/html");
                break;
            case "empty":
                _issuer.Answers(200, """{"keys":[]}""", "application/json");
                break;
            case "stalls":
                _issuer.Stalls();
                break;
            default:
                _issuer.Answers(302, "", null, ("Location", "http://127.0.0.1:1/keys"));
                break;
        }

        await gateway.Logs.MessageAsync("Token keys cannot be read");
        Assert.Equal(HttpStatusCode.OK, await AskAsync(gateway, token));
    }

    [Fact]
    public async Task File_Replaced_NewKeysAreInForceAndABrokenOneIsNot()
    {
        await using var gateway = await Setup(_file).StartAsync();
        using var next = new JwtMint();
        await File.WriteAllTextAsync(_file, next.Jwks());
        var token = next.Sign(header: JwtMint.Header("RS256", "rsa"));
        await Eventually.TrueAsync("the new key is accepted", async () => await AskAsync(gateway, token) == HttpStatusCode.OK);

        await File.WriteAllTextAsync(_file, "{");
        await gateway.Logs.MessageAsync("Token keys cannot be read");
        Assert.Equal(HttpStatusCode.OK, await AskAsync(gateway, token));
    }

    [Fact]
    public async Task Verification_ByManyAtOnce_IsRightForEach()
    {
        await using var gateway = await Setup(_file).StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => AskAsync(
            gateway, i % 2 == 0 ? _mint.Sign(header: JwtMint.Header("RS256", "rsa")) : _mint.Sign(header: JwtMint.Header("ES256", "p256"))[..^8] + "AAAAAAAA")));
        Assert.All(answers, (status, i) => Assert.Equal(i % 2 == 0 ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, status));
    }

    private GatewaySetup Setup(string jwks) => new GatewaySetup(legacy: _legacy)
        .Option("Identity:Jwt:Issuer", JwtMint.Issuer).Option("Identity:Jwt:Audience", JwtMint.Audience).Option("Identity:Jwt:Jwks", jwks);

    private static async Task<HttpStatusCode> AskAsync(GatewayHarness gateway, string token)
    {
        using var response = await gateway.GetAsync("/orders", null, ("Authorization", "Bearer " + token));
        return response.StatusCode;
    }
}
