using System.Text.Json.Nodes;

namespace Gateway.Tests.Health;

/// <summary>Holds docs/contract.md section 2: routes.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task Backend_ProbesFailThenSucceed_LeavesAndReturns()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().Probing("calendar").StartAsync();
        await Eventually.TrueAsync("the service is probed", () => calendar.Probes > 0);

        calendar.HealthStatus = 500;
        await gateway.BackendIsAsync("calendar", "unhealthy");
        Assert.Equal(0, (await gateway.MetricsAsync()).Value("gateway_backend_up", ("backend", "calendar")));
        using (var away = await gateway.GetAsync("/api/calendar", "ada"))
            Assert.Equal(("legacy", "unhealthy"), (away.ServedBy(), away.Reason()));

        calendar.HealthStatus = 200;
        await gateway.BackendIsAsync("calendar", "available");
        Assert.Equal(1, (await gateway.MetricsAsync()).Value("gateway_backend_up", ("backend", "calendar")));
        await ServedByCalendarAsync(gateway);
    }

    [Fact]
    public async Task Backend_StoppedAndStarted_LeavesAndReturns()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().Probing("calendar").StartAsync();
        await calendar.StopAsync();
        await gateway.BackendIsAsync("calendar", "unhealthy");

        await calendar.StartAsync();
        await gateway.BackendIsAsync("calendar", "available");

        await ServedByCalendarAsync(gateway);
    }

    [Theory]
    [InlineData(404, "available")]
    [InlineData(302, "available")]
    [InlineData(500, "unhealthy")]
    public async Task Legacy_ProbeAnswer_IsJudgedByTheExpectedStatus(int status, string availability)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.HealthStatus = status;
        await using var gateway = await new GatewaySetup(null, legacy).Probing("legacy").StartAsync();
        await Eventually.TrueAsync("legacy is probed a few times", () => legacy.Probes >= 4);

        await gateway.BackendIsAsync("legacy", availability);
    }

    [Fact]
    public async Task Fall_Setting_CountsFailuresInARow()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        calendar.HealthStatus = 500;
        await using var gateway = await new GatewaySetup(calendar).Probing("calendar")
            .Edit(c => c.Clusters["calendar"]!["Metadata"] = new JsonObject { ["Health.Fall"] = "100" }).StartAsync();

        await Eventually.TrueAsync("the service failed several probes", () => calendar.Probes >= 6);

        await gateway.BackendIsAsync("calendar", "available");
    }

    /// <summary>Not at once: who comes back is spared for <c>Upstream:Ramp</c>, counted from the first request.</summary>
    private static Task ServedByCalendarAsync(GatewayHarness gateway) => Eventually.TrueAsync("the service serves again", async () =>
    {
        using var response = await gateway.GetAsync("/api/calendar", "ada");
        return (response.ServedBy(), response.Reason()) == ("calendar", "in-cohort");
    });
}
