namespace Gateway.Tests.Decisions;

/// <summary>Holds docs/contract.md section 3: judging the last cluster away can only make things worse.</summary>
public sealed class LastResortTests
{
    public enum Probe
    {
        Fails,
        Hangs,
    }

    [Theory]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Ungated_OnePageFails_TheOthersGoOnAsIfNothingWere(int status)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Answers(context =>
        {
            context.Response.StatusCode = context.Request.Path == "/flaky" ? status : 200;
            return Task.CompletedTask;
        });
        await using var gateway = await new GatewaySetup(null, legacy).Option("Upstream:Circuit:MinimumThroughput", "3").StartAsync();

        for (var i = 0; i < 20; i++)
        {
            using var failing = await gateway.GetAsync("/flaky");
            Assert.Equal((status, "legacy", "ungated"), ((int)failing.StatusCode, failing.ServedBy(), failing.Reason()));
            using var good = await gateway.GetAsync("/ok");
            Assert.Equal((200, "legacy", "ungated"), ((int)good.StatusCode, good.ServedBy(), good.Reason()));
        }

        Assert.Equal(0, (await gateway.MetricsAsync()).Value("gateway_circuit_state", ("backend", "legacy")));
    }

    [Fact]
    public async Task Ungated_OnePageResetsOrHangs_TheOthersGoOn()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Answers(async context =>
        {
            if (context.Request.Path == "/resets")
                context.Abort();
            else if (context.Request.Path == "/hangs")
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await using var gateway = await new GatewaySetup(null, legacy).Option("Upstream:Circuit:MinimumThroughput", "2")
            .Edit(c => c.Clusters["legacy"]!["HttpRequest"] = new System.Text.Json.Nodes.JsonObject { ["ActivityTimeout"] = "00:00:00.600" })
            .StartAsync();

        for (var i = 0; i < 3; i++)
        {
            using var reset = await gateway.PostAsync("/resets", new { });
            using var hung = await gateway.GetAsync("/hangs");
            Assert.Equal((502, 504), ((int)reset.StatusCode, (int)hung.StatusCode));
            using var good = await gateway.GetAsync("/ok");
            Assert.Equal((200, "ungated"), ((int)good.StatusCode, good.Reason()));
        }
    }

    [Theory]
    [InlineData(Probe.Fails)]
    [InlineData(Probe.Hangs)]
    public async Task Legacy_OnlyItsProbeFails_AnswersAsLastResort(Probe probe)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await StartAsync(legacy, probe);

        foreach (var (method, path) in ((string, string)[])[("GET", "/ok"), ("POST", "/orders"), ("PUT", "/api/calendar/c1")])
        {
            using var answer = await gateway.Client.SendAsync(GatewayHarness.Request(new(method), path, "bob"));
            Assert.Equal((200, "legacy", "last-resort"), ((int)answer.StatusCode, answer.ServedBy(), answer.Reason()));
            var decision = (await gateway.ExplainAsync(method, path, "bob")).GetProperty("decision");
            Assert.Equal(("legacy", "last-resort"), (decision.GetProperty("backend").GetString(), decision.GetProperty("reason").GetString()));
        }
    }

    [Fact]
    public async Task Generate_OutsideTheCohort_TriesLegacyAndThenTheDryRun()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await StartAsync(legacy, Probe.Fails);

        using (var answer = await gateway.PostAsync("/api/calendar/generate", DryRun.Requests.Generate(), "bob"))
            Assert.Equal((200, "legacy", "last-resort"), ((int)answer.StatusCode, answer.ServedBy(), answer.Reason()));
        legacy.Answers(503, "down");
        using var dry = await gateway.PostAsync("/api/calendar/generate", DryRun.Requests.Generate(), "bob");
        Assert.Equal((200, "dry-run", "failed"), ((int)dry.StatusCode, dry.ServedBy(), dry.Reason()));
        Assert.Equal(1, (await gateway.MetricsAsync()).Value(
            "gateway_fallbacks_total", ("route", "generate"), ("from", "legacy"), ("to", "dry-run"), ("reason", "failed")));
    }

    [Fact]
    public async Task Service_BothProbesFail_LegacyIsTheLastResortAndCounted()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        (calendar.HealthStatus, legacy.HealthStatus) = (503, 500);
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().Probing("calendar").Probing("legacy").StartAsync();
        await gateway.BackendIsAsync("calendar", "unhealthy");
        await gateway.BackendIsAsync("legacy", "unhealthy");

        using var page = await gateway.GetAsync("/api/calendar/c1", "ada");
        using var publish = await gateway.GetAsync("/api/publish/intents", "ada");

        Assert.Equal(("legacy", "last-resort"), (page.ServedBy(), page.Reason()));
        // Nothing but a dry-run stands behind the service here, and that answers, as ever.
        Assert.Equal(("dry-run", "unhealthy"), (publish.ServedBy(), publish.Reason()));
        Assert.Equal(1, (await gateway.MetricsAsync()).Value(
            "gateway_fallbacks_total", ("from", "calendar"), ("to", "legacy"), ("reason", "last-resort")));
        Assert.Empty(calendar.Requests);
    }

    [Fact]
    public async Task Legacy_CannotBeReached_FailsAtOnceAndIsBackAtOnce()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).Probing("legacy").StartAsync();
        await gateway.BackendIsAsync("legacy", "available");
        await legacy.StopAsync();
        await gateway.BackendIsAsync("legacy", "unhealthy");

        using (var refused = await gateway.GetAsync("/ok"))
        {
            Assert.Equal((503, "gateway", "unhealthy"), ((int)refused.StatusCode, refused.ServedBy(), refused.Reason()));
            Assert.Equal("no-backend-available", await refused.ProblemCodeAsync());
        }

        legacy.HealthStatus = 500; // It is there again, and says that it is not well.
        await legacy.StartAsync();
        await Eventually.TrueAsync("it is the last resort", async () =>
        {
            using var answer = await gateway.GetAsync("/ok");
            return (answer.ServedBy(), answer.Reason()) == ("legacy", "last-resort");
        });
    }

    private static async Task<GatewayHarness> StartAsync(StubBackend legacy, Probe probe)
    {
        if (probe == Probe.Fails)
            legacy.HealthStatus = 500;
        else
            legacy.HealthDelay = TimeSpan.FromSeconds(5);
        var gateway = await new GatewaySetup(null, legacy).Probing("legacy")
            .Edit(c => c.Clusters["legacy"]!["HealthCheck"]!["Active"]!["Timeout"] = "00:00:00.200").StartAsync();
        await gateway.BackendIsAsync("legacy", "unhealthy");
        return gateway;
    }
}
