namespace CalendarService.Tests.Telemetry;

public sealed class MetricsTests(Databases databases)
{
    [Fact]
    public async Task Metrics_OfTwoServicesInOneProcess_StayApart()
    {
        await using var busy = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));
        await using var idle = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));

        await busy.GenerateAsync();

        const string complete = "calendar_generation_runs_total{outcome=\"complete\"} ";
        Assert.Contains(complete + "1\n", (await busy.GetAsync("/metrics")).Text, StringComparison.Ordinal);
        Assert.Contains(complete + "0\n", (await idle.GetAsync("/metrics")).Text, StringComparison.Ordinal);
    }
}
