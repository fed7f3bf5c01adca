using System.Text.Json;
using static Gateway.Tests.CommandLine.CommandRun;

namespace Gateway.Tests.CommandLine;

/// <summary>Holds docs/contract.md section 9: admin surface and command line.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task Check_TheConfigurationThatShips_IsValid()
    {
        using var config = new ConfigDirectory();

        var (code, output) = await RunAsync("check", config.Save().Path);

        Assert.Equal(0, code);
        Assert.Contains("valid, revision", output, StringComparison.Ordinal);
    }

    /// <summary>What it would take to start here: a script asks before it stops the gateway that runs.</summary>
    [Fact]
    public async Task Check_WithoutAFolder_ChecksTheSettingsTooAndSaysWhereItWouldListen()
    {
        using var config = new ConfigDirectory();
        config.Save();

        var good = await GatewayProcess.RunAsync(["check"], ("GATEWAY_CONFIG_DIR", config.Path));
        var bad = await GatewayProcess.RunAsync(
            ["check"], ("GATEWAY_CONFIG_DIR", config.Path), ("Upstream__Ramp", "5"), ("Shutdown__DrainDelay", "soon"));

        Assert.True(good.ExitCode == 0, good.Output);
        Assert.EndsWith("\nlistens on http://127.0.0.1:9901 http://*:8080\n", good.Output, StringComparison.Ordinal);
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains("error: settings: Upstream:Ramp: \"5\"", bad.Output, StringComparison.Ordinal);
        Assert.Contains("error: settings: Shutdown:DrainDelay: \"soon\"", bad.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_ManyFaults_ReportsAllWithFilePathValueAndRange()
    {
        using var config = new ConfigDirectory();
        config.Routes["generate"]!["Metadata"]!["Replay"] = "sometimes";
        config.Routes["calendar"]!["ClusterId"] = "calender";
        config.Routes["export"]!["Metadata"]!["Fallback"] = "dry-run,legacy";
        config.Routes["publish"]!["Metadata"]!["Replay"] = "always";
        config.Routes["generate"]!["Metadata"]!["Streams"] = "watch";
        config.Routes["publish"]!["Metadata"]!["Streams"] = "guard,count";
        config.Routes["export"]!["Metadata"]!["Streams"] = "1";
        config.Routes["legacy"]!["Mach"] = "typo";
        config.Clusters["calendar"]!["Destinations"]!["calendar-1"]!["Address"] = "127.0.0.1:8081";
        config.Clusters["legacy"]!["HealthCheck"]!["Active"]!["Interval"] = "-1";
        config.Clusters["legacy"]!["Metadata"]!["Health.ExpectedStatus"] = "all";
        config.Cohort("canary")["DefaultRolloutPercentage"] = 101;
        config.Flag("CALENDAR_SERVICE_ENABLED")["enabled"] = "yes";
        config.Flag("PUBLISH_SERVICE_ENABLED")["conditions"]!["client_filters"]![0]!["parameters"]!["Name"] = "canaries";
        config.Save();

        var (code, output) = await RunAsync("check", config.Path, "--json");

        Assert.Equal(1, code);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.False(report.GetProperty("valid").GetBoolean());
        var found = report.GetProperty("findings").EnumerateArray().Select(f =>
            (File: f.GetProperty("file").GetString()!, Path: f.GetProperty("path").GetString()!, Value: f.GetProperty("value").GetString(),
                Expected: f.GetProperty("expected").GetString()!)).ToArray();
        AssertFound(found, "gateway.json", "ReverseProxy:Routes:generate:Metadata:Replay", "sometimes", "idempotent or always");
        AssertFound(found, "gateway.json", "ReverseProxy:Routes:calendar:ClusterId", "calender", "one of the clusters");
        AssertFound(found, "gateway.json", "ReverseProxy:Routes:export:Metadata:Fallback", "dry-run,legacy", "dry-run only at its end");
        AssertFound(found, "gateway.json", "ReverseProxy:Routes:publish:Metadata:Replay", "always", "never sent twice");
        AssertFound(found, "gateway.json", "ReverseProxy:Routes:generate:Metadata:Streams", "watch", "guard or count");
        AssertFound(found, "gateway.json", "ReverseProxy:Routes:publish:Metadata:Streams", "guard,count", "guard or count");
        AssertFound(found, "gateway.json", "ReverseProxy:Routes:export:Metadata:Streams", "1", "guard or count");
        AssertFound(found, "gateway.json", "ReverseProxy:Routes:legacy:Mach", "typo", "no such key");
        AssertFound(found, "gateway.json", "ReverseProxy:Clusters:calendar:Destinations:calendar-1:Address", "127.0.0.1:8081", "http://");
        AssertFound(found, "gateway.json", "ReverseProxy:Clusters:legacy:HealthCheck:Active:Interval", "-1", "to 00:01:00");
        AssertFound(found, "gateway.json", "ReverseProxy:Clusters:legacy:Metadata:Health.ExpectedStatus", "all", "200-299");
        AssertFound(found, "rollout.json", "Cohorts:canary:DefaultRolloutPercentage", "101", "from 0 to 100");
        AssertFound(found, "rollout.json", "feature_management:feature_flags:0:enabled", "yes", "true or false");
        AssertFound(
            found, "rollout.json", "feature_management:feature_flags:1:conditions:client_filters:0:parameters:Name", "canaries", "canary");
    }

    [Theory]
    [InlineData("Headers", """[ { "Name": "X", "Values": [ "a" ], "Mode": "Sometimes" } ]""")]
    [InlineData("QueryParameters", """[ { "Name": "x", "Values": [ "a" ], "Mode": "Sometimes" } ]""")]
    public async Task Check_MatchModeThatYarpDoesNotKnow_IsAFinding(string key, string match)
    {
        using var config = new ConfigDirectory();
        config.Routes["legacy"]!["Match"]![key] = System.Text.Json.Nodes.JsonNode.Parse(match);

        var (code, output) = await RunAsync("check", config.Save().Path);

        Assert.Equal(1, code);
        Assert.Contains("Sometimes", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_TlsProtocolThatDoesNotExist_IsAFinding()
    {
        using var config = new ConfigDirectory();
        config.Clusters["legacy"]!["HttpClient"] = System.Text.Json.Nodes.JsonNode.Parse("""{ "SslProtocols": [ "Tls99" ] }""");

        var (code, output) = await RunAsync("check", config.Save().Path);

        Assert.Equal(1, code);
        Assert.Contains("Tls99", output, StringComparison.Ordinal);
    }

    /// <summary>What needs middleware that this gateway does not run would fail every request of the route.</summary>
    [Theory]
    [InlineData("Timeout", "00:00:05")]
    [InlineData("TimeoutPolicy", "default")]
    [InlineData("AuthorizationPolicy", "default")]
    [InlineData("CorsPolicy", "default")]
    [InlineData("RateLimiterPolicy", "default")]
    [InlineData("OutputCachePolicy", "default")]
    public async Task Check_RoutePolicyThatIsNotServed_IsRefused(string key, string value)
    {
        using var config = new ConfigDirectory();
        config.Routes["legacy"]![key] = value;

        var (code, output) = await RunAsync("check", config.Save().Path);

        Assert.Equal(1, code);
        Assert.Contains($"ReverseProxy:Routes:legacy:{key}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_FlagThatTheFileDoesNotName_WarnsAndIsValid()
    {
        using var config = new ConfigDirectory();
        config.Routes["calendar"]!["Metadata"]!["Flag"] = "NOT_THERE";

        var (code, output) = await RunAsync("check", config.Save().Path);

        Assert.Equal(0, code);
        Assert.Contains("warning", output, StringComparison.Ordinal);
        Assert.Contains("NOT_THERE", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_SameFolderAndEnvironment_AgreesWithTheRunningGateway()
    {
        await using var gateway = await new GatewaySetup().Flag(GatewaySetup.CalendarFlag, 50).StartAsync();
        foreach (var user in (string[])["ada", "bob"])
        {
            var running = (await gateway.ExplainAsync("POST", "/api/calendar/generate", user)).GetProperty("decision").GetProperty("gate")
                .GetString();
            var told = await GatewayProcess.RunAsync(
                ["explain", "POST", "/api/calendar/generate", "--user", user, "--config", gateway.Config.Path, "--json"],
                (GatewaySetup.CalendarFlag, "true"));

            Assert.True(told.ExitCode == 0, told.Error);
            Assert.Equal(running, JsonDocument.Parse(told.Output).RootElement.GetProperty("decision").GetProperty("gate").GetString());
        }
    }

    [Fact]
    public async Task Explain_AsText_SaysWhoAnswersAndWhy()
    {
        using var config = new ConfigDirectory();

        var (code, output) = await RunAsync("explain", "GET", "/api/calendar/c1", "--user", "ada", "--config", config.Save().Path);

        Assert.Equal(0, code);
        Assert.StartsWith("GET /api/calendar/c1 as ada: legacy, because flag-off", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_RaisedPercentage_NamesWhoMovesAndNobodyElse()
    {
        using var before = new ConfigDirectory();
        using var after = new ConfigDirectory();
        foreach (var config in (ConfigDirectory[])[before, after])
        {
            config.Flag(GatewaySetup.CalendarFlag)["enabled"] = true;
            config.Flag(GatewaySetup.PublishFlag)["enabled"] = true;
        }

        after.Cohort("canary")["DefaultRolloutPercentage"] = 50;
        var users = Enumerable.Range(0, 40).Select(i => $"user-{i}").ToArray();
        File.WriteAllLines(before.File("users.txt"), [.. users, "sue,staff"]);
        var moved = users.Where(u => Gateway.Rollout.Cohort.Bucket("canary", u) < 50).ToArray();

        var (code, output) = await RunAsync("diff", before.Save().Path, after.Save().Path, "--users", before.File("users.txt"), "--json");

        Assert.Equal(0, code);
        var moves = JsonDocument.Parse(output).RootElement.GetProperty("moves").EnumerateArray().ToArray();
        Assert.Equal(moved.Order(),
            moves.Where(m => m.GetProperty("route").GetString() == "calendar").Select(m => m.GetProperty("user").GetString()!).Order());
        Assert.All(moves.Where(m => m.GetProperty("route").GetString() == "export"), m => Assert.Equal(
            ("dry-run", "calendar"), (m.GetProperty("from").GetString(), m.GetProperty("to").GetString())));
    }

    [Fact]
    public async Task Start_BadConfiguration_Exits1WithEveryFaultOnStandardError()
    {
        using var config = new ConfigDirectory();
        config.Routes["generate"]!["Metadata"]!["Replay"] = "sometimes";
        config.Clusters["legacy"]!["HealthCheck"]!["Active"]!["Interval"] = "24:00:00";
        config.Cohort("canary")["DefaultRolloutPercentage"] = -1;
        config.Save();

        var start = await GatewayProcess.RunAsync([], ("GATEWAY_CONFIG_DIR", config.Path));

        Assert.Equal(1, start.ExitCode);
        // The files of a test are one line each.
        Assert.Matches("config/gateway.json:1:[0-9]+: error: ReverseProxy:Routes:generate:Metadata:Replay: \"sometimes\"", start.Error);
        Assert.Contains("HealthCheck:Active:Interval: \"24:00:00\"", start.Error, StringComparison.Ordinal);
        Assert.Matches("config/rollout.json:1:[0-9]+: error: Cohorts:canary:DefaultRolloutPercentage: \"-1\"", start.Error);
        Assert.DoesNotContain("   at ", start.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_BadOptions_Exits1WithEveryFaultOnStandardError()
    {
        using var config = new ConfigDirectory();

        var start = await GatewayProcess.RunAsync(
            [], ("GATEWAY_CONFIG_DIR", config.Save().Path), ("Streams__IdleLimit", "00:00:00"), ("Fallback__ReplayBufferBytes", "-1"),
            ("Identity__TrustedProxies__0", "everybody"), ("Upstream__Circuit__FailureRatio", "2"));

        Assert.Equal(1, start.ExitCode);
        foreach (var key in (
            string[])["Streams:IdleLimit", "Fallback:ReplayBufferBytes", "Identity:TrustedProxies:0", "Upstream:Circuit:FailureRatio"])
            Assert.Contains(key, start.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", start.Error, StringComparison.Ordinal);
    }

    private static void AssertFound(
        (string File, string Path, string? Value, string Expected)[] all, string file, string path, string value, string expected) =>
        Assert.Contains(
            all, f => f.File == file && f.Path == path && f.Value == value && f.Expected.Contains(expected, StringComparison.Ordinal));
}
