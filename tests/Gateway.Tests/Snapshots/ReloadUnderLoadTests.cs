using System.Collections.Concurrent;

namespace Gateway.Tests.Snapshots;

public sealed class ReloadUnderLoadTests
{
    [Fact]
    public async Task Reload_UnderLoad_DropsNothing()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var second = await StubBackend.StartAsync("second");
        await using var legacy = await StubBackend.StartAsync("legacy");
        var stream = legacy.Streams();
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().StartAsync();
        await using var reader = await gateway.OpenStreamAsync("/news", new { });
        await stream.SendFrameAsync(1, "news", "{}");
        using var stop = new CancellationTokenSource();
        var seen = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var response = await gateway.GetAsync("/api/calendar/c1", "ada");
                seen.AddOrUpdate($"{(int)response.StatusCode} {await response.TextAsync()}", 1, (_, n) => n + 1);
            }
        })).ToArray();

        for (var i = 0; i < 4; i++)
        {
            var to = i % 2 == 0 ? second : calendar;
            await gateway.ReloadAsync(config =>
            {
                config.Clusters["calendar"]!["Destinations"]!["calendar-1"]!["Address"] = to.Address.ToString();
                // Also what makes YARP build the cluster a new client.
                config.Clusters["calendar"]!["HttpClient"] =
                    new System.Text.Json.Nodes.JsonObject { ["MaxConnectionsPerServer"] = 100 + i };
            });
            var before = to.Requests.Count;
            await Eventually.TrueAsync("the new destination serves", () => to.Requests.Count > before);
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.Equal(["200 calendar", "200 second"], seen.Keys.Order(StringComparer.Ordinal));

        await stream.SendFrameAsync(2, "done", "{}");
        await stream.EndAsync();
        Assert.Equal(["news", "done"], (await reader.RestAsync()).Select(e => e.Type));
    }
}
