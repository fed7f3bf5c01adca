namespace Gateway.Tests.Fallback;

/// <summary>docs/contract.md section 4, first two rows: nothing was done, so any method may go on.</summary>
public sealed class BeforeSendingTests
{
    private static readonly byte[] Small = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
    private static readonly byte[] Large = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7))];

    public static TheoryData<string, bool> Requests => new()
    {
        { "GET", false }, { "PUT", false }, { "POST", false }, { "PATCH", false }, { "DELETE", false }, { "POST", true }, { "PUT", true },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task FirstRequest_ConnectionRefused_GoesOnAsNotSent(string method, bool large)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).Open().StartAsync();
        var body = method == "GET" ? null : large ? Large : Small;

        using var response = await gateway.Client.SendAsync(GatewayHarness.Request(
            new(method), "/api/calendar/c1", "ada", body is null ? null : new ByteArrayContent(body)));

        Assert.Equal((200, "legacy", "not-sent"), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
        Assert.Equal("gateway; error=connection_refused", response.ProxyStatus());
        Assert.Equal(body ?? [], legacy.Requests.Single().Body);
        Assert.Equal(1, (await gateway.MetricsAsync()).Value(
            "gateway_fallbacks_total", ("route", "calendar"), ("from", "calendar"), ("to", "legacy"), ("reason", "not-sent")));
    }

    [Fact]
    public async Task Publish_ServiceDown_IsAnsweredByTheDryRun()
    {
        await using var gateway = await new GatewaySetup().Open().StartAsync();

        using var response = await gateway.PostAsync("/api/publish", new { calendarId = "c1", dryRun = true }, "ada");

        Assert.Equal((200, "dry-run", "not-sent"), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
        Assert.True((await response.JsonAsync()).GetProperty("dryRun").GetBoolean());
    }

    [Fact]
    public async Task Generate_BothBackendsDown_WalksTheWholeChain()
    {
        await using var gateway = await new GatewaySetup().Open().StartAsync();

        using var response = await gateway.PostAsync("/api/calendar/generate", DryRun.Requests.Generate(), "ada");

        Assert.Equal((200, "dry-run", "not-sent"), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
        var metrics = await gateway.MetricsAsync();
        Assert.Equal(1, metrics.Value("gateway_fallbacks_total", ("from", "calendar"), ("to", "legacy"), ("reason", "not-sent")));
        Assert.Equal(1, metrics.Value("gateway_fallbacks_total", ("from", "legacy"), ("to", "dry-run"), ("reason", "not-sent")));
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("POST")]
    [InlineData("GET")]
    public async Task EndOfChain_NobodyThere_Is503WithRetryAfter(string method)
    {
        await using var gateway = await new GatewaySetup().Open().StartAsync();

        using var response = await gateway.Client.SendAsync(GatewayHarness.Request(
            new(method), "/api/calendar/c1", "ada", method == "GET" ? null : new ByteArrayContent(Small)));

        Assert.Equal((503, "gateway", "not-sent"), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
        Assert.Equal("gateway; error=connection_refused", response.ProxyStatus());
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Equal("no-backend-available", await response.ProblemCodeAsync());
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task NotAccepted_AnyMethod_GoesOnAsRefused(string method, bool large)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        // Refuses before it reads: a body beyond the replay buffer can still go on if it was never read.
        calendar.ReadsBody = !large;
        calendar.Answers(503, "spool full", "text/plain", ("X-Not-Accepted", "true"));
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().StartAsync();
        var body = method == "GET" ? null : Small;

        using var response = await gateway.Client.SendAsync(GatewayHarness.Request(
            new(method), "/api/calendar/c1", "ada", body is null ? null : new ByteArrayContent(body)));

        Assert.Equal((200, "legacy", "refused"), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
        Assert.Equal("gateway; received-status=503", response.ProxyStatus());
        Assert.Null(response.Header("X-Not-Accepted"));
        Assert.Equal(body ?? [], legacy.Requests.Single().Body);
    }

    [Fact]
    public async Task NotAccepted_BodyBeyondTheBuffer_PassesTheRefusalOn()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Answers(503, "spool full", "text/plain", ("X-Not-Accepted", "true"));
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().StartAsync();

        using var response = await gateway.Client.SendAsync(
            GatewayHarness.Request(HttpMethod.Post, "/api/calendar/c1/apply", "ada", new ByteArrayContent(Large)));

        Assert.Equal((503, "calendar", "spool full"), ((int)response.StatusCode, response.ServedBy(), await response.TextAsync()));
        Assert.Equal("true", response.Header("X-Not-Accepted"));
        Assert.Empty(legacy.Requests);
    }

    [Fact]
    public async Task NotAccepted_NobodyElse_PassesTheRefusalOn()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        calendar.Answers(503, "spool full", "text/plain", ("X-Not-Accepted", "true"), ("Retry-After", "7"));
        await using var gateway = await new GatewaySetup(calendar).Open().Probing("legacy").StartAsync();
        await gateway.BackendIsAsync("legacy", "unhealthy");

        using var response = await gateway.PostAsync("/api/calendar/c1/apply", new { }, "ada");

        Assert.Equal((503, "calendar", "7"), ((int)response.StatusCode, response.ServedBy(), response.Header("Retry-After")));
    }

    [Fact]
    public async Task ConnectTimeout_UnreachableHost_GoesOnAsNotSent()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        using var full = new FullBacklog();
        await using var gateway = await new GatewaySetup(null, legacy).Open().Option("Upstream:ConnectTimeout", "00:00:00.500")
            .Edit(c => c.Clusters["calendar"]!["Destinations"]!["calendar-1"]!["Address"] = full.Address.ToString()).StartAsync();

        using var response = await gateway.PostAsync("/api/calendar/c1/apply", new { }, "ada");

        Assert.Equal((200, "legacy", "not-sent"), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
        Assert.Equal("gateway; error=connection_timeout", response.ProxyStatus());
    }

    [Fact]
    public async Task UnknownHost_NoAddress_GoesOnAsNotSent()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).Open()
            .Edit(c => c.Clusters["calendar"]!["Destinations"]!["calendar-1"]!["Address"] = "http://no-such-host.invalid/").StartAsync();

        using var response = await gateway.PostAsync("/api/calendar/c1/apply", new { }, "ada");

        Assert.Equal((200, "legacy", "not-sent"), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
        Assert.Equal("gateway; error=dns_error", response.ProxyStatus());
    }

    [Fact]
    public async Task Fallback_FirstBackendWroteHeaders_NoneOfThemRemain()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Answers(503, "x", "text/x-calendar", ("X-Not-Accepted", "true"), ("X-Secret-Detail", "calendar"), ("Set-Cookie", "a=b"));
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().StartAsync();

        using var response = await gateway.GetAsync("/api/calendar", "ada");

        Assert.Null(response.Header("X-Secret-Detail"));
        Assert.Null(response.Header("Set-Cookie"));
        Assert.Equal("text/plain; charset=utf-8", response.Header("Content-Type") ?? "text/plain; charset=utf-8");
    }

    [Fact]
    public async Task NotAccepted_UploadStillRunning_ReachesTheNextBackendWhole()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.ReadsBody = false;
        calendar.Answers(async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[5]);
            context.Response.StatusCode = 503;
            context.Response.Headers["X-Not-Accepted"] = "true";
        });
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().StartAsync();
        var rest = new TaskCompletionSource();
        using var body = new LiveContent(async stream =>
        {
            await stream.WriteAsync("first"u8.ToArray());
            await stream.FlushAsync();
            await rest.Task;
            await stream.WriteAsync("second"u8.ToArray());
        });

        var sending = gateway.Client.SendAsync(GatewayHarness.Request(HttpMethod.Post, "/api/calendar/c1/apply", "ada", body));
        await Eventually.TrueAsync("the service was asked", () => calendar.Requests.Count == 1);
        rest.SetResult();
        using var response = await sending;

        Assert.Equal(("legacy", "refused"), (response.ServedBy(), response.Reason()));
        Assert.Equal("firstsecond", legacy.Requests.Single().BodyText);
    }
}
