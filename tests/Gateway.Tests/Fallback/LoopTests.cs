namespace Gateway.Tests.Fallback;

/// <summary>Holds docs/contract.md section 3: problems of the gateway.</summary>
public sealed class LoopTests
{
    [Theory]
    [InlineData("GET", "/page", null)]
    [InlineData("POST", "/orders", null)]
    [InlineData("GET", "/api/calendar/c1", "ada")]
    public async Task Legacy_IsTheGatewayItself_IsNoticedOnTheSecondPass(string method, string path, string? user)
    {
        // Well until the edit, so that nothing has been judged away when the request comes.
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(calendar, legacy).StartAsync();
        await gateway.ReloadAsync(c =>
            c.Clusters["legacy"]!["Destinations"]!["legacy-1"]!["Address"] = gateway.PublicAddress.ToString());

        using var answer = await gateway.Client.SendAsync(GatewayHarness.Request(new(method), path, user));

        Assert.Equal((508, "loop-detected"), ((int)answer.StatusCode, await answer.ProblemCodeAsync()));
        Assert.Equal("gateway; error=proxy_loop_detected", answer.ProxyStatus());
        await gateway.Logs.MessageAsync("came back to it");
        Assert.Equal(2, (await gateway.MetricsAsync()).Value("gateway_requests_total", ("code", "5xx")));
    }

    [Fact]
    public async Task Legacy_IsAnotherGateway_IsNoLoop()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var inner = await new GatewaySetup(null, legacy).StartAsync();
        await using var outer = await new GatewaySetup()
            .Edit(c => c.Clusters["legacy"]!["Destinations"]!["legacy-1"]!["Address"] = inner.PublicAddress.ToString()).StartAsync();

        using var answer = await outer.GetAsync("/page", null, ("CDN-Loop", "somebody-else"));

        Assert.Equal(200, (int)answer.StatusCode);
        var names = string.Join(", ", legacy.Requests.Single().Headers["CDN-Loop"]);
        Assert.StartsWith("somebody-else", names, StringComparison.Ordinal);
        Assert.Equal(2, names.Split("calendar-gateway-").Length - 1);
    }

    /// <summary>The service refuses by this what only operators may ask, whatever routes lead to it and whatever a client writes.</summary>
    [Fact]
    public async Task Request_ToTheService_AlwaysSaysThatItPassedAGateway()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var gateway = await new GatewaySetup(calendar, calendar).Open()
            .Edit(c => c.Routes["legacy"]!["ClusterId"] = "calendar").StartAsync();

        foreach (var target in (string[])[
            "/admin/rollback-report", "/api/calendar/../../admin/rollback-report", "/api/calendar/..%2f..%2fadmin/rollback-report",
            "/api/calendar/%2e%2e/%2e%2e/admin/rollback-report", "//admin//rollback-report"])
        {
            await RawHttp.SendAsync(
                gateway.PublicAddress,
                $"GET {target} HTTP/1.1\r\nHost: shop\r\nCDN-Loop: x\r\nConnection: close, CDN-Loop\r\nAuthorization: Bearer x\r\n\r\n");
        }

        Assert.NotEmpty(calendar.Requests);
        Assert.All(
            calendar.Requests,
            sent => Assert.Contains("calendar-gateway-", string.Concat(sent.Headers["CDN-Loop"]), StringComparison.Ordinal));
    }
}
