using System.Text.Json.Nodes;

namespace Gateway.Tests.Snapshots;

public sealed class ReloadTests
{
    /// <summary>docs/contract.md section 2: in force within two seconds of a save, however it was saved.</summary>
    [Theory]
    [InlineData("in place")]
    [InlineData("rename over")]
    [InlineData("symlink swap")]
    public async Task Save_AnyWay_IsInForceWithinTwoSeconds(string how)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        var setup = new GatewaySetup(calendar, legacy).Flag(GatewaySetup.CalendarFlag, 100);
        setup.Config.SwapLink();
        if (how != "symlink swap")
            setup.Edit(c => Array.ForEach(["gateway.json", "rollout.json"], name => File.Delete(c.File(name))));
        await using var gateway = await setup.StartAsync();
        using (var before = await gateway.GetAsync("/api/calendar", "ada"))
            Assert.Equal("calendar", before.ServedBy());

        gateway.Config.Flag(GatewaySetup.CalendarFlag)["enabled"] = false;
        var saved = System.Diagnostics.Stopwatch.GetTimestamp();
        switch (how)
        {
            case "in place":
                gateway.Config.Write("rollout.json", gateway.Config.Rollout.ToJsonString());
                break;
            case "rename over":
                gateway.Config.Replace("rollout.json", gateway.Config.Rollout.ToJsonString());
                break;
            default:
                gateway.Config.SwapLink();
                break;
        }

        await Eventually.TrueAsync("the flag is off", async () =>
        {
            using var after = await gateway.GetAsync("/api/calendar", "ada");
            return (after.ServedBy(), after.Reason()) == ("legacy", "flag-off");
        });
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(saved).TotalSeconds, 0, 2);
    }

    [Fact]
    public async Task Save_OfRoutesAndClusters_MovesTraffic()
    {
        await using var old = await StubBackend.StartAsync("old");
        await using var replacement = await StubBackend.StartAsync("replacement");
        await using var gateway = await new GatewaySetup(null, old).StartAsync();

        await gateway.ReloadAsync(c => c.Clusters["legacy"]!["Destinations"]!["legacy-1"]!["Address"] = replacement.Address.ToString());

        await Eventually.TrueAsync("the other backend answers", async () =>
        {
            using var response = await gateway.GetAsync("/page");
            return await response.TextAsync() == "replacement";
        });
    }

    public static TheoryData<string, string, string> Faults => new()
    {
        { "rollout.json", "{ \"feature_management\": ", "valid JSON" },
        { "rollout.json", "{ \"Cohorts\": { \"canary\": { \"DefaultRolloutPercentage\": 101 } } }", "from 0 to 100" },
        { "gateway.json", "not json", "valid JSON" },
        { "gateway.json", "{ \"ReverseProxy\": { \"Routes\": {}, \"Clusters\": {} } }", "at least one route" },
        { "gateway.json", "", "valid JSON" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Save_ThatIsWrong_KeepsTheLastGoodOneUntilItIsMended(string file, string text, string expected)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var gateway = await new GatewaySetup(calendar).Open().StartAsync();
        var revision = await gateway.RevisionAsync();

        gateway.Config.Write(file, text);
        await RefusedAsync(gateway);

        Assert.Equal(revision, await gateway.RevisionAsync());
        var problems = (await gateway.StatusAsync()).GetProperty("configuration").GetProperty("lastReload").GetProperty("problems");
        Assert.Contains(problems.EnumerateArray(),
            p => p.GetString()!.Contains(file, StringComparison.Ordinal) && p.GetString()!.Contains(expected, StringComparison.Ordinal));
        var line = await gateway.Logs.MessageAsync("is refused");
        Assert.Equal("error", line.GetProperty("level").GetString());
        using (var served = await gateway.GetAsync("/api/calendar", "ada"))
            Assert.Equal("calendar", served.ServedBy());

        gateway.Config.Save();
        await Eventually.TrueAsync("the mended files count as a success", async () =>
            (await gateway.MetricsAsync()).Value("gateway_config_last_reload_successful") == 1);
        Assert.Equal(revision, await gateway.RevisionAsync());
    }

    /// <summary>What YARP would have taken in part: addresses at once, and the routes of the save before.</summary>
    [Theory]
    [InlineData("/x/{id:nosuch}", "00:00:05")]
    [InlineData("/x/{id:regex([)}", "00:00:05")]
    [InlineData("/{**all}", "00:00:05")]
    [InlineData("/x", "60")]
    [InlineData("/x", "24:00:00")]
    public async Task Save_ThatIsWrongInOnePlace_ChangesNothingOfTheRest(string path, string interval)
    {
        await using var old = await StubBackend.StartAsync("old");
        await using var replacement = await StubBackend.StartAsync("replacement");
        await using var gateway = await new GatewaySetup(null, old).StartAsync();

        gateway.Config.Clusters["legacy"]!["Destinations"]!["legacy-1"]!["Address"] = replacement.Address.ToString();
        gateway.Config.Clusters["legacy"]!["HealthCheck"]!["Active"]!["Interval"] = interval;
        gateway.Config.Routes["new"] = new JsonObject { ["ClusterId"] = "calendar", ["Match"] = new JsonObject { ["Path"] = path } };
        gateway.Config.Save();
        await RefusedAsync(gateway);

        using var page = await gateway.GetAsync("/x");
        Assert.Equal(("old", "legacy"), (await page.TextAsync(), page.ServedBy()));
    }

    [Fact]
    public async Task Save_Succeeded_MovesTheTimestampAndTheRevision()
    {
        await using var gateway = await new GatewaySetup().StartAsync();
        var before = await gateway.MetricsAsync();

        await gateway.ReloadAsync(c => c.Cohort("canary")["DefaultRolloutPercentage"] = 3);

        var after = await gateway.MetricsAsync();
        Assert.True(after.Value("gateway_config_last_reload_success_timestamp_seconds") > before.Value(
            "gateway_config_last_reload_success_timestamp_seconds"));
        Assert.Equal(1, after.Value("gateway_config_info", ("revision", await gateway.RevisionAsync())));
        Assert.Single(after.Of("gateway_config_info"));
    }

    [Fact]
    public async Task Delete_OfAFile_KeepsTheLastGoodOne()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var gateway = await new GatewaySetup(calendar).Open().StartAsync();

        File.Delete(gateway.Config.File("rollout.json"));
        await RefusedAsync(gateway);

        using var served = await gateway.GetAsync("/api/calendar", "ada");
        Assert.Equal("calendar", served.ServedBy());
    }

    [Fact]
    public async Task Save_InTwoHalves_NeverServesTheFirstHalf()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().StartAsync();
        gateway.Config.Cohort("canary")["DefaultRolloutPercentage"] = 0;
        var text = gateway.Config.Rollout.ToJsonString();

        gateway.Config.Write("rollout.json", text[..(text.Length / 2)]);
        using (var during = await gateway.GetAsync("/api/calendar", "ada"))
            Assert.Equal("calendar", during.ServedBy());
        gateway.Config.Write("rollout.json", text);

        await Eventually.TrueAsync("the whole file is in force", async () =>
        {
            using var after = await gateway.GetAsync("/api/calendar", "ada");
            return after.Reason() == "outside-cohort";
        });
    }

    [Fact]
    public async Task Reload_RequestsInFlight_AreNotDropped()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        var upstream = calendar.Streams("text/plain");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().StartAsync();
        var opening = gateway.Client.SendAsync(
            GatewayHarness.Request(HttpMethod.Get, "/api/calendar", "ada"), HttpCompletionOption.ResponseHeadersRead);
        await upstream.SendAsync("before ");
        using var response = await opening;
        using var stop = new CancellationTokenSource();
        var others = Task.Run(async () =>
        {
            var failed = 0;
            while (!stop.IsCancellationRequested)
            {
                using var other = await gateway.GetAsync("/page");
                failed += other.IsSuccessStatusCode ? 0 : 1;
            }

            return failed;
        });

        for (var i = 1; i <= 3; i++)
            await gateway.ReloadAsync(c => c.Routes["legacy"]!["Order"] = 100 + i);
        await upstream.SendAsync("after");
        await upstream.EndAsync();
        await stop.CancelAsync();

        Assert.Equal("before after", await response.TextAsync());
        Assert.Equal(0, await others);
    }

    private static Task RefusedAsync(GatewayHarness gateway) => Eventually.TrueAsync("the files on disk are refused", async () =>
        (await gateway.MetricsAsync()).Value("gateway_config_last_reload_successful") == 0);
}
