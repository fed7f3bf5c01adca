using System.Text.Json;

namespace Gateway.Tests.Snapshots;

/// <summary>Holds docs/contract.md sections 8 and 9: each start and reload in words, in the log and on <c>/status</c>.</summary>
public sealed class ConfigEventTests
{
    [Fact]
    public async Task Events_OfAStartAReloadAndARefusal_SayWhatIsDifferent()
    {
        await using var gateway = await new GatewaySetup().Flag(GatewaySetup.CalendarFlag, 20).StartAsync();
        var first = await gateway.RevisionAsync();

        await gateway.ReloadAsync(config =>
        {
            config.Cohort("canary")["DefaultRolloutPercentage"] = 45;
            config.Flag(GatewaySetup.CalendarFlag)["enabled"] = false;
            config.Routes.Remove("export");
        });
        var second = await gateway.RevisionAsync();
        gateway.Config.Cohort("canary")["DefaultRolloutPercentage"] = 450;
        gateway.Config.Save();
        await Eventually.TrueAsync("three events are known", async () => (await EventsAsync(gateway)).Length == 3);

        var events = await EventsAsync(gateway);
        const string Changes = "CALENDAR_SERVICE_ENABLED off, canary 20 % → 45 %, route export: removed";
        Assert.Equal(["refused", "reload", "start"], events.Select(e => e.GetProperty("kind").GetString()));
        Assert.Equal($"refused with 1 problem, {second} stays in force", events[0].GetProperty("text").GetString());
        Assert.Contains("from 0 to 100", events[0].GetProperty("problems")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(Changes, events[1].GetProperty("text").GetString());
        Assert.Equal(Changes.Split(", "), events[1].GetProperty("changes").EnumerateArray().Select(c => c.GetString()));
        Assert.Equal([second, first], events.Skip(1).Select(e => e.GetProperty("revision").GetString()));
        const string Flags = "CALENDAR_SERVICE_ENABLED on (environment true, file true), "
            + "PUBLISH_SERVICE_ENABLED off (environment unset, file false)";
        Assert.Equal($"{gateway.Config.Path}: {Flags}", events[2].GetProperty("text").GetString());
        await gateway.Logs.MessageAsync($"Configuration folder {gateway.Config.Path}, revision {first}: {Flags}");
        await gateway.Logs.MessageAsync($"Configuration revision {second} is in force: {Changes}");
    }

    private static async Task<JsonElement[]> EventsAsync(GatewayHarness gateway) =>
        [.. (await gateway.StatusAsync()).GetProperty("events").EnumerateArray()];
}
