using System.Text.Json;

namespace Gateway.Tests.Admin;

/// <summary>Holds docs/contract.md section 9: admin surface and command line.</summary>
public sealed class AdminTests
{
    private static readonly string[] AdminPaths = ["/metrics", "/livez", "/readyz", "/status", "/explain?path=/", "/console"];

    [Fact]
    public async Task AdminPaths_OnPublicListener_GoToLegacyWhateverTheHostSays()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        foreach (var path in AdminPaths)
        {
            foreach (var host in (string[])[gateway.AdminAddress.Authority, "localhost:9901", "127.0.0.1:9901"])
            {
                using var request = GatewayHarness.Request(HttpMethod.Get, path);
                request.Headers.Host = host;
                using var response = await gateway.Client.SendAsync(request);

                Assert.Equal("legacy", response.ServedBy());
                Assert.Equal("legacy", await response.TextAsync());
            }
        }
    }

    [Fact]
    public async Task AdminPaths_OnAdminListener_Answer()
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        foreach (var path in AdminPaths)
        {
            using var request = GatewayHarness.Request(HttpMethod.Get, path);
            request.Headers.Host = gateway.PublicAddress.Authority;
            using var response = await gateway.Admin.SendAsync(request);
            Assert.Equal(200, (int)response.StatusCode);
        }
    }

    [Theory]
    [InlineData("/api/calendar")]
    [InlineData("/api/publish/intents")]
    [InlineData("/anything")]
    public async Task PublicPaths_OnAdminListener_AreNotServed(string path)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.Admin.GetAsync(path);

        Assert.Equal(404, (int)response.StatusCode);
        Assert.Equal("not-found", await response.ProblemCodeAsync());
        Assert.Empty(legacy.Requests);
    }

    [Fact]
    public async Task Status_RunningGateway_ShowsFlagsCohortsBackendsAndRevision()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var gateway = await new GatewaySetup(calendar).Flag(GatewaySetup.CalendarFlag, 25).Probing("calendar").Probing("legacy")
            .StartAsync();
        await gateway.BackendIsAsync("legacy", "unhealthy");

        var status = await gateway.StatusAsync();

        var on = Named(status, "flags", "name", "CALENDAR_SERVICE_ENABLED");
        Assert.Equal("environment and file", on.GetProperty("decidedBy").GetString());
        Assert.Equal((true, 25), (on.GetProperty("on").GetBoolean(), on.GetProperty("percentage").GetDouble()));
        Assert.Equal("environment", Named(status, "flags", "name", "PUBLISH_SERVICE_ENABLED").GetProperty("decidedBy").GetString());
        Assert.Equal(25, status.GetProperty("cohorts").GetProperty("canary").GetProperty("defaultRolloutPercentage").GetDouble());
        Assert.Equal("available", Named(status, "backends", "id", "calendar").GetProperty("availability").GetString());
        Assert.Equal("closed", Named(status, "backends", "id", "legacy").GetProperty("circuit").GetString());
        var configuration = status.GetProperty("configuration");
        Assert.Matches("^[0-9a-f]{12}$", configuration.GetProperty("revision").GetString());
        Assert.True(configuration.GetProperty("lastReload").GetProperty("successful").GetBoolean());
        Assert.Equal(gateway.Config.Path, configuration.GetProperty("folder").GetString());
    }

    [Fact]
    public async Task Status_AfterRequests_HasTheLastMinuteAndTheSpool()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        calendar.SpoolDepth = "12";
        await using var gateway = await new GatewaySetup(calendar).Open().Probing("calendar").StartAsync();
        for (var i = 0; i < 3; i++)
            (await gateway.GetAsync("/api/calendar", "ada")).Dispose();
        (await gateway.GetAsync("/away")).Dispose();
        await Eventually.TrueAsync("the spool is known", async () => SpoolOf(await gateway.StatusAsync(), "calendar").ValueKind
            == JsonValueKind.Number);
        // A request is counted when it is over, and the client has its answer before.
        await Eventually.TrueAsync("all requests are counted, and a moment has passed", async () =>
            (await gateway.StatusAsync()).GetProperty("lastMinute") is var figures
            && figures.GetProperty("all").GetProperty("requests").GetInt64() == 4 && figures.GetProperty("seconds").GetDouble() > 0);

        var status = await gateway.StatusAsync();
        (calendar.SpoolDepth, calendar.HealthStatus) = ("7", 503);
        await Eventually.TrueAsync("a failed probe told it", async () => SpoolOf(await gateway.StatusAsync(), "calendar").ToString() == "7");
        calendar.SpoolDepth = "-7";
        await Eventually.TrueAsync("it is unknown", async () => SpoolOf(await gateway.StatusAsync(), "calendar").ValueKind
            == JsonValueKind.Null);

        Assert.Equal(12, SpoolOf(status, "calendar").GetInt64());
        Assert.Equal(JsonValueKind.Null, SpoolOf(status, "legacy").ValueKind);
        var minute = status.GetProperty("lastMinute");
        Assert.Equal(["calendar", "legacy", "dry-run", "gateway"],
            minute.GetProperty("backends").EnumerateArray().Select(b => b.GetProperty("id").GetString()));
        Assert.Equal((4, 1), (minute.GetProperty("all").GetProperty("requests").GetInt64(),
            minute.GetProperty("all").GetProperty("errors").GetInt64()));
        var figures = Named(minute, "backends", "id", "calendar");
        Assert.Equal((3, 0), (figures.GetProperty("requests").GetInt64(), figures.GetProperty("errors").GetInt64()));
        Assert.InRange(figures.GetProperty("p99Seconds").GetDouble(), 0, 60);
        Assert.InRange(minute.GetProperty("seconds").GetDouble(), 0.1, 60);
    }

    private static JsonElement SpoolOf(JsonElement status, string backend) =>
        Named(status, "backends", "id", backend).GetProperty("destinations")[0].GetProperty("spoolDepth");

    [Theory]
    [InlineData(null, "true", "environment")]
    [InlineData("true", "false", "file")]
    [InlineData("true", "true", "environment and file")]
    public async Task Status_Flag_NamesTheSourceThatDecides(string? environment, string file, string source)
    {
        await using var gateway = await new GatewaySetup().Environment(GatewaySetup.CalendarFlag, environment)
            .Edit(c => c.Flag(GatewaySetup.CalendarFlag)["enabled"] = bool.Parse(file)).StartAsync();

        var flag = Named(await gateway.StatusAsync(), "flags", "name", "CALENDAR_SERVICE_ENABLED");

        Assert.Equal(source, flag.GetProperty("decidedBy").GetString());
    }

    [Fact]
    public async Task Explain_CohortUser_ShowsEverythingThatLedThere()
    {
        await using var gateway = await new GatewaySetup().Flag(GatewaySetup.CalendarFlag, 50).StartAsync();

        var explained = await gateway.ExplainAsync("POST", "/api/calendar/generate", "ada");

        Assert.Equal("generate", explained.GetProperty("route").GetProperty("id").GetString());
        Assert.True(explained.GetProperty("switch").GetProperty("on").GetBoolean());
        var cohort = explained.GetProperty("cohort");
        Assert.Equal(("canary", "default"), (cohort.GetProperty("name").GetString(), cohort.GetProperty("matched").GetString()));
        Assert.Equal(Gateway.Rollout.Cohort.Bucket("canary", "ada"), cohort.GetProperty("bucket").GetDouble());
        Assert.Equal(50, cohort.GetProperty("percentage").GetDouble());
        Assert.Equal(["calendar", "legacy", "dry-run"],
            explained.GetProperty("chain").EnumerateArray().Select(l => l.GetProperty("backend").GetString()));
    }

    [Fact]
    public async Task Explain_Group_MatchesByGroup()
    {
        await using var gateway = await new GatewaySetup().Flag(GatewaySetup.CalendarFlag, 0).StartAsync();

        var cohort = (await gateway.ExplainAsync("GET", "/api/calendar", "bob", "staff")).GetProperty("cohort");

        Assert.Equal(("group", "staff"), (cohort.GetProperty("matched").GetString(), cohort.GetProperty("group").GetString()));
    }

    [Theory]
    [InlineData("GET", "/api/calendar/c1/export", "export")]
    [InlineData("POST", "/api/calendar/c1/export", "calendar")]
    [InlineData("GET", "/api/calendar/generate", "calendar")]
    [InlineData("get", "/api/calendar/c%31/export?format=csv", "export")]
    [InlineData("GET", "/api/calendar/a%2Fb", "calendar")]
    [InlineData("GET", "/a/../api/calendar/x", "calendar")]
    [InlineData("GET", "/API/Publish", "publish")]
    [InlineData("DELETE", "/", "legacy")]
    public async Task Explain_MethodAndPath_MatchesAsARequestWould(string method, string path, string route)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        var explained = await gateway.ExplainAsync(method, path);
        using var response = await gateway.Client.SendAsync(GatewayHarness.Request(new HttpMethod(method.ToUpperInvariant()), path));

        Assert.Equal(route, explained.GetProperty("route").GetProperty("id").GetString());
        Assert.Equal(route, (await gateway.Logs.CompletionAsync(response)).GetProperty("route").GetString());
    }

    [Fact]
    public async Task Explain_PathThatTheWireRulesRefuse_SaysThatTheGatewayRefuses()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        var explained = await gateway.ExplainAsync("GET", "/api/calendar/a%2Fb/export");
        using var response = await gateway.Client.SendAsync(GatewayHarness.Request(HttpMethod.Get, "/api/calendar/a%2Fb/export"));

        Assert.Equal(JsonValueKind.Null, explained.GetProperty("route").ValueKind);
        Assert.Equal("gateway", explained.GetProperty("decision").GetProperty("backend").GetString());
        Assert.Equal("gateway", response.Headers.GetValues("X-Served-By").Single());
    }

    [Fact]
    public async Task Explain_WithoutPath_IsAProblemThatNamesTheField()
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        using var response = await gateway.Admin.GetAsync("/explain?user=ada");

        Assert.Equal(400, (int)response.StatusCode);
        Assert.True((await response.ProblemAsync()).GetProperty("errors").TryGetProperty("path", out _));
    }

    private static JsonElement Named(JsonElement status, string list, string key, string value) =>
        status.GetProperty(list).EnumerateArray().Single(e => e.GetProperty(key).GetString() == value);
}
