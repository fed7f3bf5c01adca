namespace Gateway.Tests.Fallback;

/// <summary>docs/contract.md section 4, third row: the request was sent and what became of it is unknown.</summary>
public sealed class AfterSendingTests
{
    private static readonly byte[] Small = new byte[2000];
    private static readonly byte[] JustFits = new byte[64 * 1024];
    private static readonly byte[] Large = new byte[64 * 1024 + 1];

    public enum Failure
    {
        Reset,
        Status502,
        Status503,
        Status504,
        Stall,
    }

    public static TheoryData<string, Failure> Idempotent => Cross(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);

    public static TheoryData<string, Failure> NotIdempotent => Cross(["POST", "PATCH"]);

    [Theory]
    [MemberData(nameof(Idempotent))]
    public async Task Failure_IdempotentMethod_GoesOnAsFailed(string method, Failure failure)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await StartAsync(calendar, legacy, failure);

        using var response = await gateway.Client.SendAsync(
            GatewayHarness.Request(new(method), "/api/calendar/c1", "ada", method == "PUT" ? new ByteArrayContent(Small) : null));

        Assert.Equal((200, "legacy", "failed"), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
        Assert.Equal(DescribeFailure(failure), response.ProxyStatus());
        if (method == "PUT")
            Assert.Equal(Small, legacy.Requests.Single().Body);
        Assert.Equal(1, (await gateway.MetricsAsync()).Value(
            "gateway_fallbacks_total", ("route", "calendar"), ("from", "calendar"), ("to", "legacy"), ("reason", "failed")));
    }

    [Theory]
    [MemberData(nameof(NotIdempotent))]
    public async Task Failure_OtherMethod_IsNeverSentTwiceAndSaysSo(string method, Failure failure)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await StartAsync(calendar, legacy, failure);

        using var response = await gateway.Client.SendAsync(
            GatewayHarness.Request(new(method), "/api/calendar/c1/apply", "ada", new ByteArrayContent(Small)));

        Assert.Equal(failure is Failure.Stall or Failure.Status504 ? 504 : 502, (int)response.StatusCode);
        Assert.Equal(("gateway", "failed"), (response.ServedBy(), response.Reason()));
        Assert.Equal(DescribeFailure(failure), response.ProxyStatus());
        Assert.Equal("outcome-unknown", await response.ProblemCodeAsync());
        Assert.Empty(legacy.Requests);
        await Eventually.TrueAsync("the backend has read it", () => calendar.Requests.Count > 0);
        Assert.Single(calendar.Requests);
    }

    [Theory]
    [InlineData(Failure.Reset)]
    [InlineData(Failure.Status502)]
    [InlineData(Failure.Status503)]
    [InlineData(Failure.Status504)]
    [InlineData(Failure.Stall)]
    public async Task Publish_AnyFailureAfterSending_IsSentOnceAndTellsHowToLookItUp(Failure failure)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var gateway = await StartAsync(calendar, null, failure);

        using var response = await gateway.PostAsync("/api/publish", new { calendarId = "c1", dryRun = true }, "ada");

        Assert.Contains((int)response.StatusCode, (int[])[502, 504]);
        Assert.Equal("gateway", response.ServedBy());
        Assert.Contains(
            "/api/publish/intents", (await response.ProblemAsync()).GetProperty("detail").GetString(), StringComparison.Ordinal);
        await Eventually.TrueAsync("the backend has read it", () => calendar.Requests.Count > 0); // Its client may have given up before.
        Assert.Single(calendar.Requests);
        var metrics = await gateway.MetricsAsync();
        Assert.Equal(1, metrics.Value("gateway_publish_requests_total", ("backend", "gateway"), ("outcome", "failed")));
        Assert.Equal(0, metrics.Value("gateway_publish_requests_total", ("backend", "dry-run")));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PATCH")]
    public async Task Failure_NoBodyOnAReusedConnection_IsNotSentAgainByTheClientEither(string method)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();
        (await gateway.GetAsync("/warm-up")).Dispose();
        legacy.Resets();

        using var response = await gateway.Client.SendAsync(GatewayHarness.Request(new(method), "/fire"));

        Assert.Equal("outcome-unknown", await response.ProblemCodeAsync());
        Assert.Single(legacy.Requests, r => r.Target == "/fire");
    }

    [Fact]
    public async Task Failure_ReplayAlways_GoesOnWithItsBody()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await StartAsync(calendar, legacy, Failure.Reset);

        using var response = await gateway.Client.SendAsync(
            GatewayHarness.Request(HttpMethod.Post, "/api/calendar/generate", "ada", new ByteArrayContent(JustFits)));

        Assert.Equal(("legacy", "failed"), (response.ServedBy(), response.Reason()));
        Assert.Equal(JustFits, legacy.Requests.Single().Body);
    }

    [Theory]
    [InlineData("/api/calendar/generate", "POST")]
    [InlineData("/api/calendar/c1", "PUT")]
    public async Task Failure_BodyBeyondTheBuffer_IsNotReplayed(string path, string method)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await StartAsync(calendar, legacy, Failure.Reset);

        using var response = await gateway.Client.SendAsync(GatewayHarness.Request(new(method), path, "ada", new ByteArrayContent(Large)));

        Assert.Equal((502, "gateway"), ((int)response.StatusCode, response.ServedBy()));
        Assert.Equal("outcome-unknown", await response.ProblemCodeAsync());
        Assert.Empty(legacy.Requests);
    }

    [Theory]
    [InlineData(3000, true)]
    [InlineData(1000, false)]
    public async Task ReplayBufferBytes_Setting_DecidesWhatIsReplayed(int limit, bool replayed)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Resets();
        await using var gateway = await new GatewaySetup(calendar, legacy).Open()
            .Option("Fallback:ReplayBufferBytes", limit.ToString(System.Globalization.CultureInfo.InvariantCulture)).StartAsync();

        using var response = await gateway.Client.SendAsync(
            GatewayHarness.Request(HttpMethod.Put, "/api/calendar/c1", "ada", new ByteArrayContent(Small)));

        Assert.Equal(replayed ? "legacy" : "gateway", response.ServedBy());
    }

    [Theory]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task LastLink_OwnFailureStatus_PassesUntouched(int status)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Answers(status, "legacy's own page", "text/html", ("X-Legacy", "yes"));
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.PostAsync("/order", new { });

        Assert.Equal((status, "legacy", "ungated"), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
        Assert.Equal(("legacy's own page", "yes"), (await response.TextAsync(), response.Header("X-Legacy")));
        Assert.Null(response.ProxyStatus());
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    [InlineData(404)]
    [InlineData(412)]
    public async Task Service_OtherErrorStatus_PassesUntouched(int status)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Answers(status, "", null, ("ETag", "\"3\""));
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().StartAsync();

        using var response = await gateway.GetAsync("/api/calendar/c1", "ada");

        Assert.Equal((status, "calendar", "\"3\""), ((int)response.StatusCode, response.ServedBy(), response.Header("ETag")));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        Assert.Empty(legacy.Requests);
    }

    [Fact]
    public async Task Response_BrokenAfterItsStart_EndsVisibly()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        var body = legacy.Streams("application/octet-stream");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        var sending = gateway.Client.SendAsync(GatewayHarness.Request(HttpMethod.Get, "/file"), HttpCompletionOption.ResponseHeadersRead);
        await body.SendAsync("half");
        using var response = await sending;
        var reading = response.Content.ReadAsByteArrayAsync();
        await body.AbortAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => reading);
        Assert.Single(legacy.Requests);
    }

    private static async Task<GatewayHarness> StartAsync(StubBackend calendar, StubBackend? legacy, Failure failure)
    {
        switch (failure)
        {
            case Failure.Reset:
                calendar.Resets();
                break;
            case Failure.Stall:
                calendar.Stalls();
                break;
            default:
                calendar.Answers(failure switch { Failure.Status502 => 502, Failure.Status503 => 503, _ => 504 }, "broken");
                break;
        }

        return await new GatewaySetup(calendar, legacy).Open().Edit(c => c.Clusters["calendar"]!["HttpRequest"] =
            new System.Text.Json.Nodes.JsonObject { ["ActivityTimeout"] = failure == Failure.Stall ? "00:00:00.300" : "00:01:00" })
                .StartAsync();
    }

    private static string DescribeFailure(Failure failure) => failure switch
    {
        Failure.Reset => "gateway; error=connection_terminated",
        Failure.Status502 => "gateway; received-status=502",
        Failure.Status503 => "gateway; received-status=503",
        Failure.Status504 => "gateway; received-status=504",
        _ => "gateway; error=http_response_timeout",
    };

    private static TheoryData<string, Failure> Cross(string[] methods)
    {
        var data = new TheoryData<string, Failure>();
        foreach (var method in methods)
        {
            foreach (var failure in Enum.GetValues<Failure>())
                data.Add(method, failure);
        }

        return data;
    }
}
