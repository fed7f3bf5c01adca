namespace Gateway.Tests.Routing;

public sealed class DecisionTests
{
    [Fact]
    public async Task Request_BothKeysOn_ReachesTheService()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().StartAsync();

        using var response = await gateway.GetAsync("/api/calendar", "ada");

        Assert.Equal("calendar", await response.Content.ReadAsStringAsync());
        Assert.Equal("calendar", response.Headers.GetValues("X-Served-By").Single());
        Assert.Equal("in-cohort", response.Headers.GetValues("X-Route-Reason").Single());
        Assert.Equal("calendar", (await gateway.Logs.CompletionAsync(response)).GetProperty("backend").GetString());
        Assert.Equal(1, (await gateway.MetricsAsync()).Value("gateway_requests_total", ("backend", "calendar")));
    }
}
