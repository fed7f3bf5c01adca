namespace Gateway.Tests.Identity;

/// <summary>Holds docs/contract.md section 1: processes and their settings.</summary>
public sealed class IdentityTests
{
    private static GatewaySetup Untrusted(StubBackend calendar, StubBackend legacy) =>
        new GatewaySetup(calendar, legacy).Open().Option("Identity:TrustedProxies:0", "10.0.0.0/8");

    [Fact]
    public async Task UserId_FromTrustedPeer_ReachesBackendAndLog()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.GetAsync("/page", "ada", ("X-User-Groups", "staff, beta"));

        Assert.Equal("ada", legacy.Requests[0].Header("X-User-Id"));
        Assert.Equal("staff,beta", legacy.Requests[0].Header("X-User-Groups"));
        Assert.Equal("ada", (await gateway.Logs.CompletionAsync(response)).GetProperty("userId").GetString());
    }

    [Fact]
    public async Task UserId_FromUntrustedPeer_IsDroppedAndAnonymous()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await Untrusted(calendar, legacy)
            .Edit(c => c.Cohort("canary")["DefaultRolloutPercentage"] = 0)
            .Edit(c => c.Cohort("canary")["Users"]!.AsArray().Add("ada")).StartAsync();

        using var response = await gateway.GetAsync("/api/calendar", "ada", ("X-User-Groups", "staff"), ("X_User_Id", "ada"));

        Assert.Equal(("legacy", "outside-cohort"), (response.ServedBy(), response.Reason()));
        Assert.DoesNotContain(
            legacy.Requests[0].Headers.Keys, k => k.Replace('_', '-').StartsWith("X-User", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await gateway.Logs.CompletionAsync(response)).GetProperty("userId").ValueKind);
    }

    [Theory]
    [InlineData("10.0.0.0/8", false)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("::1", false)]
    public async Task TrustedProxies_Setting_DecidesWhoIsBelieved(string trusted, bool believed)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).Option("Identity:TrustedProxies:0", trusted).StartAsync();

        using var response = await gateway.GetAsync("/page", "ada");

        Assert.Equal(believed ? "ada" : null, legacy.Requests[0].Header("X-User-Id"));
    }

    [Theory]
    [InlineData("X_User_Id")]
    [InlineData("x-user_id")]
    [InlineData("X_User_Groups")]
    [InlineData("X_Forwarded_For")]
    public async Task Lookalike_EvenFromTrustedPeer_NeverReachesBackend(string name)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.GetAsync("/page", "ada", (name, "mallory"));

        Assert.DoesNotContain(legacy.Requests[0].Headers.Values, v => v.Contains("mallory"));
        Assert.Equal("ada", legacy.Requests[0].Header("X-User-Id"));
    }

    [Theory]
    [InlineData("ada", "eve")]
    [InlineData("ada,eve")]
    [InlineData("")]
    [InlineData(" ")]
    public async Task UserId_ThatIsNotOne_IsNobody(params string[] values)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.GetAsync("/page", null, [.. values.Select(v => ("X-User-Id", v))]);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.False(legacy.Requests[0].Headers.ContainsKey("X-User-Id"));
    }

    [Fact]
    public async Task UserId_TooLong_IsNobody()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.GetAsync("/page", new string('a', 257));

        Assert.False(legacy.Requests[0].Headers.ContainsKey("X-User-Id"));
    }

    [Fact]
    public async Task UserId_NominatedByConnectionHeader_StillReachesBackend()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        await RawHttp.SendAsync(gateway.PublicAddress,
            "GET /page HTTP/1.1\r\nHost: x\r\nX-User-Id: ada\r\nConnection: close, X-User-Id, X-Request-Id\r\n\r\n");

        Assert.Equal("ada", legacy.Requests[0].Header("X-User-Id"));
        Assert.NotNull(legacy.Requests[0].Header("X-Request-Id"));
    }

    [Fact]
    public async Task UserId_BeyondAscii_IsTheSameUserForCohortAndBackend()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(calendar, legacy).Open()
            .Edit(c => c.Cohort("canary")["DefaultRolloutPercentage"] = 0)
            .Edit(c => c.Cohort("canary")["Users"]!.AsArray().Add("jürgen")).StartAsync();

        var answer = await RawHttp.SendAsync(gateway.PublicAddress,
            "GET /api/calendar HTTP/1.1\r\nHost: x\r\nX-User-Id: jürgen\r\nConnection: close\r\n\r\n");

        Assert.Contains("X-Served-By: calendar", answer, StringComparison.Ordinal);
        Assert.Equal("jürgen", calendar.Requests[0].Header("X-User-Id"));
    }

    [Fact]
    public async Task Forwarded_FromTrustedPeer_IsKeptAndExtended()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.GetAsync(
            "/page", null, ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "shop.example"));

        var seen = legacy.Requests[0];
        Assert.Equal("203.0.113.7, 127.0.0.1", seen.Header("X-Forwarded-For"));
        Assert.Equal(("https", "shop.example"), (seen.Header("X-Forwarded-Proto"), seen.Header("X-Forwarded-Host")));
    }

    [Fact]
    public async Task Forwarded_FromUntrustedPeer_IsReplaced()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await Untrusted(calendar, legacy).StartAsync();

        using var response = await gateway.GetAsync(
            "/page", null, ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"),
            ("Forwarded", "for=203.0.113.7"), ("X-Real-IP", "203.0.113.7"));

        var seen = legacy.Requests[0];
        Assert.Equal("127.0.0.1", seen.Header("X-Forwarded-For"));
        Assert.Equal(("http", gateway.PublicAddress.Authority), (seen.Header("X-Forwarded-Proto"), seen.Header("X-Forwarded-Host")));
        Assert.Null(seen.Header("Forwarded"));
        Assert.Null(seen.Header("X-Real-IP"));
    }
}
