using Gateway.Rollout.Overrides;

namespace Gateway.Tests.Fallback;

/// <summary>docs/contract.md section 10: a tester's header decides the side, and nobody behind the gateway sees it.</summary>
public sealed class OverrideTests
{
    private const string Name = "X-Rollout-Override";
    private const string Path = "/api/calendar/c1";
    private static readonly byte[] Key = new byte[32];

    [Theory]
    [InlineData(0, true, "calendar", "override", "accepted")]
    [InlineData(0, false, "legacy", "override", "accepted")]
    [InlineData(100, true, "calendar", "override", "accepted")]
    [InlineData(100, false, "legacy", "override", "accepted")]
    [InlineData(-1, true, "legacy", "flag-off", "switched-off")]
    public async Task Override_OnEitherSide_Decides_UnlessTheFlagIsOff(
        double percentage, bool on, string backend, string reason, string outcome)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await StartAsync(calendar, legacy, Math.Max(0, percentage), isOff: percentage < 0);
        var token = Mint(on: on);

        using var response = await gateway.GetAsync(Path, "ada", (Name, token), ("X_Rollout_Override", token));

        Assert.Equal((200, backend, reason), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
        Assert.Equal(reason, (await gateway.Logs.CompletionAsync(response)).GetProperty("reason").GetString());
        var sent = calendar.Requests.Concat(legacy.Requests).Single();
        Assert.DoesNotContain(sent.Headers.Keys, header => header.Contains("override", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(gateway.Logs.Raw, line => line.Contains(token[^43..], StringComparison.Ordinal));
        var metrics = await gateway.MetricsAsync();
        Assert.Equal(1, metrics.Value("gateway_override_requests_total", ("outcome", outcome)));
        Assert.Equal(1, metrics.Value("gateway_override_requests_total"));
        Assert.Equal(1, metrics.Value("gateway_requests_total", ("backend", backend), ("reason", reason), ("code", "2xx")));
    }

    [Fact]
    public async Task Override_OfAServiceThatIsDown_FallsBackAsAnyRequest()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await calendar.StopAsync();
        await using var gateway = await StartAsync(calendar, legacy, 0);

        using var response = await gateway.GetAsync(Path, "ada", (Name, Mint()));

        Assert.Equal(("legacy", "not-sent"), (response.ServedBy(), response.Reason()));
    }

    /// <summary>A hostile client sends as many as it likes: all are counted, and one line tells of them.</summary>
    [Fact]
    public async Task Override_NotOurs_IsIgnoredCountedAndToldOnce()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await StartAsync(calendar, legacy, 0);
        var forged = Mint(key: [.. Key, 1]);

        for (var i = 0; i < 20; i++)
        {
            using var response = await gateway.GetAsync(Path, "ada", (Name, forged));
            Assert.Equal(("legacy", "outside-cohort"), (response.ServedBy(), response.Reason()));
        }

        using var twice = await gateway.GetAsync(Path, "ada", (Name, Mint()), (Name, Mint()));
        using var underscored = await gateway.GetAsync(Path, "ada", ("X_Rollout_Override", Mint()));
        using var elsewhere = await gateway.GetAsync("/page", "ada", (Name, Mint()));

        Assert.Equal("outside-cohort outside-cohort ungated", $"{twice.Reason()} {underscored.Reason()} {elsewhere.Reason()}");
        Assert.All(
            legacy.Requests,
            sent => Assert.DoesNotContain(sent.Headers.Keys, header => header.Contains("override", StringComparison.OrdinalIgnoreCase)));
        var metrics = await gateway.MetricsAsync();
        Assert.Equal(20, metrics.Value("gateway_override_requests_total", ("outcome", "forged")));
        Assert.Equal(1, metrics.Value("gateway_override_requests_total", ("outcome", "repeated")));
        Assert.Equal(1, metrics.Value("gateway_override_requests_total", ("outcome", "other-flag")));
        Assert.Equal(22, metrics.Value("gateway_override_requests_total"));
        var told = gateway.Logs.All.Select(line => line.GetProperty("message").GetString()!)
            .Where(message => message.Contains("override", StringComparison.Ordinal)).ToArray();
        Assert.Equal(["forged", "other-flag", "repeated"], told.Select(message => message.Split(' ')[5]).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(gateway.Logs.Raw, line => line.Contains(forged[^43..], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Override_GatewayWithoutAKey_TakesItOffAndGoesOn()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var gateway = await new GatewaySetup(calendar).Open().StartAsync();

        using var response = await gateway.GetAsync(Path, "ada", (Name, Mint(on: false)));

        Assert.Equal(("calendar", "in-cohort"), (response.ServedBy(), response.Reason()));
        Assert.False(calendar.Requests.Single().Headers.ContainsKey(Name));
        var metrics = await gateway.MetricsAsync();
        Assert.Equal(1, metrics.Value("gateway_override_requests_total", ("outcome", "not-configured")));
        Assert.Empty(metrics.Of("gateway_requests_total", ("reason", "override")));
    }

    [Fact]
    public async Task Explain_WithTheHeader_SaysWhatBecomesOfItAndNotWhatItIs()
    {
        await using var gateway = await StartAsync(null, null, 0);

        var text = await ExplainAsync(gateway, Mint(user: "ada"));
        var forged = await ExplainAsync(gateway, Mint(key: [.. Key, 1]));

        Assert.Contains("\"reason\":\"override\"", text, StringComparison.Ordinal);
        Assert.Contains("\"override\":{\"outcome\":\"accepted\",\"flag\":\"CALENDAR_SERVICE_ENABLED\",\"on\":true,", text, StringComparison.Ordinal);
        Assert.Contains("\"user\":\"ada\"}", text, StringComparison.Ordinal);
        Assert.Contains($"\"headers\":[\"{Name}: (hidden)\"]", text, StringComparison.Ordinal);
        Assert.Contains("\"reason\":\"outside-cohort\"", forged, StringComparison.Ordinal);
        Assert.Contains("\"override\":{\"outcome\":\"forged\",\"flag\":null,", forged, StringComparison.Ordinal);
    }

    private static Task<string> ExplainAsync(GatewayHarness gateway, string token) => gateway.Admin.GetStringAsync(
        $"/explain?path={Path}&user=ada&header={Uri.EscapeDataString($"{Name}: {token}")}");

    private static Task<GatewayHarness> StartAsync(StubBackend? calendar, StubBackend? legacy, double percentage, bool isOff = false) =>
        new GatewaySetup(calendar, legacy).Flag(GatewaySetup.CalendarFlag, percentage)
            .Edit(config => config.Flag(GatewaySetup.CalendarFlag)["enabled"] = !isOff)
            .Option("Rollout:OverrideKey", Convert.ToBase64String(Key)).StartAsync();

    private static string Mint(bool on = true, string? user = null, byte[]? key = null) => new OverrideToken(
        GatewaySetup.CalendarFlag, on, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 3600, user).Write(key ?? Key);
}
