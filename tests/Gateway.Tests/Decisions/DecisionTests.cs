namespace Gateway.Tests.Decisions;

/// <summary>Holds docs/contract.md section 3: the decision.</summary>
public sealed class DecisionTests
{
    private static readonly (string Route, HttpMethod Method, string Path, string WhenClosed)[] Flagged =
    [
        ("generate", HttpMethod.Post, "/api/calendar/generate", "legacy"),
        ("calendar", HttpMethod.Get, "/api/calendar/c1", "legacy"),
        ("export", HttpMethod.Get, "/api/calendar/c1/export", "dry-run"),
        ("publish", HttpMethod.Get, "/api/publish/intents", "dry-run"),
    ];

    public static TheoryData<string?, bool, string?, string> Gates => new()
    {
        { null, false, "ada", "flag-off" },
        { null, true, "ada", "flag-off" },
        { "false", true, "ada", "flag-off" },
        { "1", true, "ada", "flag-off" },
        { "true", false, "ada", "flag-off" },
        { "true", true, "ada", "in-cohort" },
        { "True", true, "ada", "in-cohort" },
        { "true", true, "bob", "outside-cohort" },
        { "true", true, null, "outside-cohort" },
    };

    [Theory]
    [MemberData(nameof(Gates))]
    public async Task Request_SwitchAndCohort_DecideBackendAndReason(string? environment, bool file, string? user, string gate)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(calendar, legacy)
            .Environment(GatewaySetup.CalendarFlag, environment).Environment(GatewaySetup.PublishFlag, environment)
            .Edit(config =>
            {
                config.Flag(GatewaySetup.CalendarFlag)["enabled"] = file;
                config.Flag(GatewaySetup.PublishFlag)["enabled"] = file;
                config.Cohort("canary")["Users"]!.AsArray().Add("ada");
            })
            .StartAsync();

        foreach (var (route, method, path, whenClosed) in Flagged)
        {
            var backend = gate == "in-cohort" ? "calendar" : whenClosed;
            await AssertDecisionAsync(gateway, method, path, user, (route, backend, gate));
        }

        await AssertDecisionAsync(gateway, HttpMethod.Get, "/anything/else", user, ("legacy", "legacy", "ungated"));
    }

    [Fact]
    public async Task Request_CalendarUnhealthy_GoesDownEachChain()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.HealthStatus = 503;
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().Probing("calendar").StartAsync();
        await gateway.BackendIsAsync("calendar", "unhealthy");

        foreach (var (route, method, path, whenClosed) in Flagged)
        {
            var response = await AssertDecisionAsync(gateway, method, path, "ada", (route, whenClosed, "unhealthy"));
            Assert.Equal("gateway; error=destination_unavailable", response.ProxyStatus());
        }

        Assert.Empty(calendar.Requests);
        Assert.Equal(1, (await gateway.MetricsAsync()).Value(
            "gateway_fallbacks_total", ("route", "export"), ("from", "calendar"), ("to", "dry-run"), ("reason", "unhealthy")));
    }

    [Fact]
    public async Task Request_EveryBackendUnhealthy_GeneratesDryAndRefusesSaves()
    {
        await using var gateway = await new GatewaySetup().Open().Probing("calendar").Probing("legacy").StartAsync();
        await gateway.BackendIsAsync("calendar", "unhealthy");
        await gateway.BackendIsAsync("legacy", "unhealthy");

        await AssertDecisionAsync(gateway, HttpMethod.Post, "/api/calendar/generate", "ada", ("generate", "dry-run", "unhealthy"));
        using var save = await gateway.Client.SendAsync(
            GatewayHarness.Request(HttpMethod.Put, "/api/calendar/c1", "ada", new StringContent("{}")));

        Assert.Equal(503, (int)save.StatusCode);
        Assert.Equal(("gateway", "unhealthy"), (save.ServedBy(), save.Reason()));
        Assert.Equal("gateway; error=destination_unavailable", save.ProxyStatus());
        Assert.True(save.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        Assert.Equal("no-backend-available", await save.ProblemCodeAsync());
    }

    /// <summary>The answer, its headers, the log line and <c>/explain</c> must all say the same.</summary>
    private static async Task<HttpResponseMessage> AssertDecisionAsync(
        GatewayHarness gateway, HttpMethod method, string path, string? user, (string Route, string Backend, string Reason) expected)
    {
        using var response = await gateway.Client.SendAsync(GatewayHarness.Request(method, path, user));
        var line = await gateway.Logs.CompletionAsync(response);
        var explained = await gateway.ExplainAsync(method.Method, path, user);

        Assert.Equal((expected.Backend, expected.Reason), (response.ServedBy(), response.Reason()));
        if (expected.Backend is "calendar" or "legacy")
            Assert.Equal(expected.Backend, await response.TextAsync());
        Assert.Equal(expected, (
            line.GetProperty("route").GetString()!, line.GetProperty("backend").GetString()!, line.GetProperty("reason").GetString()!));
        Assert.Equal(expected, (
            explained.GetProperty("route").GetProperty("id").GetString()!,
            explained.GetProperty("decision").GetProperty("backend").GetString()!,
            explained.GetProperty("decision").GetProperty("reason").GetString()!));
        return response;
    }
}
