using System.Net;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Identity;

/// <summary>
/// Public keys from a file or a URL, and what becomes of them when the source breaks. Over 250 lines: each way of breaking is a test.
/// Holds docs/contract.md section 3: the decision.
/// </summary>
public sealed class JwtJwksTests(SharedWireMock site) : IAsyncLifetime, IClassFixture<SharedWireMock>
{
    private readonly JwtMint _mint = new();
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"jwks-{Guid.NewGuid():n}.json");
    private StubBackend _legacy = null!;
    private readonly WireMockPage _issuer = site.AddPage();

    public async ValueTask InitializeAsync()
    {
        _legacy = await StubBackend.StartAsync("legacy");
        _issuer.Answers(200, _mint.Jwks());
        await File.WriteAllTextAsync(_file, _mint.Jwks());
    }

    public async ValueTask DisposeAsync()
    {
        _mint.Dispose();
        await _legacy.DisposeAsync();
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
        Assert.Equal(
            HttpStatusCode.Unauthorized, await AskAsync(gateway, token[..(token.LastIndexOf('.') + 1)] + JwtMint.Encode(new byte[64])));
    }

    [Fact]
    public async Task Url_KeysRotate_TheNewKeyIsAcceptedLongBeforeTheRefresh()
    {
        await using var gateway = await Setup(_issuer.Address.AbsoluteUri)
            .Option("Identity:Jwt:JwksCooldown", "00:00:00.100").Option("Identity:Jwt:JwksRefresh", "1.00:00:00").StartAsync();
        await Eventually.TrueAsync("the keys are in force", async () =>
            await AskAsync(gateway, _mint.Sign(header: JwtMint.Header("RS256", "rsa"))) == HttpStatusCode.OK);

        using var next = new JwtMint();
        _issuer.Answers(200, next.Jwks(suffix: "-2"));
        await Eventually.TrueAsync("the new key is accepted", async () =>
            await AskAsync(gateway, next.Sign(header: JwtMint.Header("RS256", "rsa-2"))) == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(gateway, _mint.Sign(header: JwtMint.Header("RS256", "rsa"))));
    }

    [Fact]
    public async Task Url_FloodOfUnknownKeyIds_CostsOneFetch()
    {
        await using var gateway = await Setup(_issuer.Address.AbsoluteUri).Option("Identity:Jwt:JwksCooldown", "01:00:00").StartAsync();
        await Eventually.TrueAsync("the keys are in force", async () =>
            await AskAsync(gateway, _mint.Sign(header: JwtMint.Header("RS256", "rsa"))) == HttpStatusCode.OK);
        var fetches = _issuer.Requests; // One, unless the issuer's first answer took too long.
        for (var i = 0; i < 20; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(gateway, _mint.Sign(header: JwtMint.Header("RS256", $"unknown-{i}"))));
        Assert.Equal(fetches, _issuer.Requests);
    }

    [Fact]
    public async Task Url_RefreshInterval_FetchesWithoutBeingAsked()
    {
        await using var gateway = await Setup(_issuer.Address.AbsoluteUri).Option("Identity:Jwt:JwksRefresh", "00:00:01").StartAsync();
        await Eventually.TrueAsync("the set is fetched again", () => _issuer.Requests >= 3);
    }

    [Fact]
    public async Task Url_DownAtStart_TokensWaitForItAndNobodyElseDoes()
    {
        // A raw stub: the WireMock server is shared, so it cannot go away.
        await using var issuer = await StubBackend.StartAsync("issuer");
        issuer.Answers(200, _mint.Jwks(), "application/json");
        await issuer.StopAsync();
        await using var gateway = await Setup(issuer.Address + "keys").Option("Identity:Jwt:JwksCooldown", "00:00:00.100").StartAsync();
        var token = _mint.Sign(header: JwtMint.Header("RS256", "rsa"));

        using var refused = await gateway.GetAsync("/orders", null, ("Authorization", "Bearer " + token));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Contains("token-keys-unavailable", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        // A forgery is a forgery, with or without keys.
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(gateway, _mint.Sign(header: JwtMint.Header("HS256"))));
        using var anonymous = await gateway.GetAsync("/orders");
        Assert.Equal(HttpStatusCode.OK, anonymous.StatusCode);

        await issuer.StartAsync();
        await Eventually.TrueAsync("the token is accepted", async () => await AskAsync(gateway, token) == HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(200, "<html>")]
    [InlineData(200, """{"keys":[]}""")]
    [InlineData(200, "")]
    [InlineData(204, "")]
    [InlineData(404, "not here")]
    [InlineData(429, "not so often")]
    [InlineData(500, "oops")]
    [InlineData(503, "later")]
    public async Task Url_AnswersSomethingElseLater_LastGoodKeysStayInForce(int status, string body)
    {
        await using var gateway = await SetupRestless(_issuer.Address).StartAsync();
        var token = await InForceAsync(gateway);

        _issuer.Answers(status, body, "text/html");

        await gateway.Logs.MessageAsync("Token keys cannot be read");
        Assert.Equal(HttpStatusCode.OK, await AskAsync(gateway, token));
    }

    [Fact]
    public async Task Url_RedirectsLater_LastGoodKeysStayInForceAndNobodyFollows()
    {
        await using var gateway = await SetupRestless(_issuer.Address).StartAsync();
        var token = await InForceAsync(gateway);
        using var stranger = new JwtMint();
        var elsewhere = site.AddPage();
        elsewhere.Answers(200, stranger.Jwks());

        _issuer.Answers(302, location: elsewhere.Address.AbsoluteUri);

        await gateway.Logs.MessageAsync("Token keys cannot be read: answered 302");
        Assert.Equal(HttpStatusCode.OK, await AskAsync(gateway, token));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(gateway, stranger.Sign(header: JwtMint.Header("ES256", "p256"))));
        Assert.Equal(0, elsewhere.Requests);
    }

    /// <summary>Raw stubs: WireMock can neither go away under the other tests, nor reset, stall half-way or answer without end.</summary>
    [Theory]
    [InlineData("down")]
    [InlineData("resets")]
    [InlineData("stalls")]
    [InlineData("stalls half-way")]
    [InlineData("never ends")]
    public async Task Url_BreaksLater_LastGoodKeysStayInForce(string how)
    {
        await using var issuer = await StubBackend.StartAsync("issuer");
        issuer.Answers(200, _mint.Jwks(), "application/json");
        await using var gateway = await SetupRestless(new Uri(issuer.Address, "keys")).StartAsync();
        var token = await InForceAsync(gateway);

        switch (how)
        {
            case "down":
                await issuer.StopAsync();
                break;
            case "resets":
                issuer.Resets();
                break;
            case "stalls":
                issuer.Stalls();
                break;
            case "stalls half-way":
                issuer.Answers(async context =>
                {
                    await context.Response.WriteAsync("""{"keys":[""");
                    await context.Response.Body.FlushAsync();
                    await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                });
                break;
            default:
                issuer.Answers(async context =>
                {
                    while (!context.RequestAborted.IsCancellationRequested)
                        await context.Response.WriteAsync(new string(' ', 64 * 1024));
                });
                break;
        }

        var line = await gateway.Logs.MessageAsync("Token keys cannot be read");
        if (how == "never ends")
            Assert.Contains("more than 262144 bytes", line.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(gateway, token));
    }

    [Fact]
    public async Task Url_OneBrokenAnswer_IsTriedAgainWithinTheFetch()
    {
        _issuer.AnswersInTurn((503, "restarting"), (200, _mint.Jwks()));
        await using var gateway = await Setup(_issuer.Address.AbsoluteUri).Option("Identity:Jwt:JwksCooldown", "01:00:00").StartAsync();
        Assert.Equal(HttpStatusCode.OK, await AskAsync(gateway, _mint.Sign(header: JwtMint.Header("RS256", "rsa"))));
        Assert.Equal(2, _issuer.Requests);
        Assert.DoesNotContain(gateway.Logs.Raw, l => l.Contains("Token keys cannot be read", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Url_Refuses_IsNotTriedAgainWithinTheFetch()
    {
        _issuer.Answers(404);
        await using var gateway = await Setup(_issuer.Address.AbsoluteUri).Option("Identity:Jwt:JwksCooldown", "01:00:00")
            .Option("Identity:Jwt:JwksTimeout", "00:00:10").StartAsync();
        await gateway.Logs.MessageAsync("Token keys cannot be read: answered 404");
        Assert.Equal(1, _issuer.Requests);
    }

    [Fact]
    public async Task Url_Fetched_LogsOneLineAndNoneOfTheClientsOwn()
    {
        await using var gateway = await SetupRestless(_issuer.Address)
            .Option("Logging:LogLevel:System.Net.Http.HttpClient", "Trace").StartAsync();
        await Eventually.TrueAsync("the set is fetched again", () => _issuer.Requests >= 2);
        await gateway.Logs.MessageAsync("Token keys: 3 in force");
        Assert.Single(gateway.Logs.All, l => l.GetProperty("message").GetString()!.Contains("Token keys", StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Logs.Raw, l => l.Contains(_issuer.Address.AbsoluteUri, StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Logs.Raw, l => l.Contains("HTTP request", StringComparison.Ordinal));
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
        string Build(int i) => i % 2 == 0
            ? _mint.Sign(header: JwtMint.Header("RS256", "rsa"))
            : _mint.Sign(header: JwtMint.Header("ES256", "p256"))[..^8] + "AAAAAAAA";
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => AskAsync(gateway, Build(i))));
        Assert.All(answers, (status, i) => Assert.Equal(i % 2 == 0 ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, status));
    }

    private GatewaySetup Setup(string jwks) => new GatewaySetup(legacy: _legacy)
        .Option("Identity:Jwt:Issuer", JwtMint.Issuer).Option("Identity:Jwt:Audience", JwtMint.Audience).Option("Identity:Jwt:Jwks", jwks);

    /// <summary>Looks at its keys every second and is soon out of patience.</summary>
    private GatewaySetup SetupRestless(Uri jwks) => Setup(jwks.AbsoluteUri)
        .Option("Identity:Jwt:JwksRefresh", "00:00:01").Option("Identity:Jwt:JwksTimeout", "00:00:00.400");

    /// <summary>A token that is accepted, once the keys are there.</summary>
    private async Task<string> InForceAsync(GatewayHarness gateway)
    {
        var token = _mint.Sign(header: JwtMint.Header("ES256", "p256"));
        await Eventually.TrueAsync("the keys are in force", async () => await AskAsync(gateway, token) == HttpStatusCode.OK);
        return token;
    }

    private static async Task<HttpStatusCode> AskAsync(GatewayHarness gateway, string token)
    {
        using var response = await gateway.GetAsync("/orders", null, ("Authorization", "Bearer " + token));
        return response.StatusCode;
    }
}
