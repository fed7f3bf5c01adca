using System.Text.Json;

namespace Gateway.Tests.DryRun;

/// <summary>Holds docs/contract.md section 5: the calendar API.</summary>
public sealed class DryRunTests
{
    /// <summary>Both flags off and legacy away: everything with a dry-run is answered by it.</summary>
    private static Task<GatewayHarness> StartAsync() => new GatewaySetup().Open().StartAsync();

    [Fact]
    public async Task Generate_Plan_StreamsMetaEntriesAndOneDone()
    {
        await using var gateway = await StartAsync();

        await using var stream = await gateway.OpenStreamAsync("/api/calendar/generate", Requests.Generate(days: 3, postsPerDay: 2), "ada");
        var events = await stream.RestAsync();

        Assert.Equal("text/event-stream; charset=utf-8", stream.Response.Header("Content-Type"));
        var cache = stream.Response.Headers.CacheControl!;
        Assert.Equal((true, true, "no"), (cache.NoCache, cache.NoTransform, stream.Response.Header("X-Accel-Buffering")));
        Assert.Equal(["meta", .. Enumerable.Repeat("entry", 6), "done"], events.Select(e => e.Type));
        Assert.Equal(Enumerable.Range(1, 8).Select(i => $"{i}"), events.Select(e => e.Id));
        Assert.All(
            events, e => Assert.Equal((e.Type, e.Id), (e.Json.GetProperty("type").GetString(), e.Json.GetProperty("seq").GetRawText())));
        var done = events[^1].Json;
        Assert.Equal(("complete", false, 6, true), (
            done.GetProperty("finishReason").GetString(), done.GetProperty("partial").GetBoolean(), done.GetProperty("entries").GetInt32(),
            done.GetProperty("dryRun").GetBoolean()));
        Assert.Equal(stream.Response.RequestId(), done.GetProperty("requestId").GetString());
        var entry = events[1].Json.GetProperty("entry");
        Assert.Equal(("2026-03-01T09:00:00+01:00", "Europe/Berlin", "draft"), (
            entry.GetProperty("scheduledAt").GetString(), entry.GetProperty("timezone").GetString(),
            entry.GetProperty("status").GetString()));
    }

    [Theory]
    [InlineData("POST", "/api/calendar/generate")]
    [InlineData("POST", "/api/publish")]
    [InlineData("GET", "/api/calendar/c1/export?format=json")]
    [InlineData("GET", "/api/calendar/c1/export?format=csv")]
    [InlineData("GET", "/api/calendar/c1/export?format=csv&profile=hootsuite&channel=x")]
    [InlineData("GET", "/api/calendar/c1/export?profile=buffer")]
    public async Task Answer_SameRequest_IsTheSameBytesApartFromTheRequestId(string method, string path)
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();

        Assert.Equal(await BytesAsync(first), await BytesAsync(second));

        async Task<string> BytesAsync(GatewayHarness gateway)
        {
            using var body = method == "GET" ? null : System.Net.Http.Json.JsonContent.Create(
                path.EndsWith("generate", StringComparison.Ordinal) ? Requests.Generate()
                    : new { calendarId = "c1", entryIds = new[] { "e1", "e2" }, dryRun = true });
            using var response = await gateway.Client.SendAsync(GatewayHarness.Request(new(method), path, "ada", body));
            Assert.Equal((200, "dry-run"), ((int)response.StatusCode, response.ServedBy()));
            return (await response.TextAsync()).Replace(response.RequestId(), "REQUEST-ID", StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{ "days": 100 }""", "days")]
    [InlineData("""{ "days": "3" }""", "days")]
    [InlineData("""{ "postsPerDay": 6 }""", "postsPerDay")]
    [InlineData("""{ "channels": [] }""", "channels")]
    [InlineData("""{ "channels": "mastodon" }""", "channels")]
    [InlineData("""{ "timezone": "Mars/Olympus" }""", "timezone")]
    [InlineData("""{ "startDate": "2026-02-30" }""", "startDate")]
    [InlineData("""{ "brief": null }""", "brief")]
    public async Task Generate_IllegalField_Is400ThatNamesIt(string change, string field)
    {
        await using var gateway = await StartAsync();
        var body = JsonSerializer.SerializeToNode(Requests.Generate())!.AsObject();
        foreach (var (key, value) in JsonDocument.Parse(change).RootElement.EnumerateObject().Select(p => (p.Name, p.Value)))
            body[key] = System.Text.Json.Nodes.JsonNode.Parse(value.GetRawText());

        using var response = await gateway.PostAsync("/api/calendar/generate", body, "ada");

        Assert.Equal(400, (int)response.StatusCode);
        var problem = await response.ProblemAsync();
        Assert.Equal("validation", problem.GetProperty("code").GetString());
        Assert.Equal(field, problem.GetProperty("errors").EnumerateObject().Single().Name);
    }

    [Theory]
    [InlineData("{ \"brief\": ")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task Generate_MalformedJson_Is400(string body)
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.Client.SendAsync(
            GatewayHarness.Request(HttpMethod.Post, "/api/calendar/generate", "ada", new StringContent(body)));

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("malformed-json", await response.ProblemCodeAsync());
    }

    [Fact]
    public async Task Generate_BodyOverTheLimit_Is413()
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.PostAsync("/api/calendar/generate", new { brief = new string('x', 2 * 1024 * 1024) }, "ada");

        Assert.Equal((413, "body-too-large"), ((int)response.StatusCode, await response.ProblemCodeAsync()));
    }

    [Fact]
    public async Task Export_Csv_HasTheContractsColumns()
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.GetAsync("/api/calendar/c1/export?format=csv", "ada");
        var lines = (await response.TextAsync()).Split("\r\n");

        Assert.Equal("text/csv; charset=utf-8", response.Header("Content-Type"));
        Assert.Equal(
            "entry_id,calendar_id,run_id,scheduled_at,timezone,channels,status,channel_statuses,text,link,media_urls,tags,error,edited_fields,version", lines[0]);
        Assert.Contains("dryRun: true", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_CalendarIdThatIsAFormula_IsMadeInert()
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.GetAsync("/api/calendar/=HYPERLINK(1)/export?format=csv", "ada");

        Assert.Contains(",\"'=HYPERLINK(1)\",", await response.TextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hootsuite", "absent", "01/01/2000 09:00,\"dryRun: true. Placeholder, the saved calendar was not read.\",\r\n")]
    [InlineData("buffer", "present",
        "Text,Image URL,Tags,Posting Time\r\n\"dryRun: true. Placeholder, the saved calendar was not read.\",,,2000-01-01 09:00\r\n")]
    public async Task Export_Profile_HasThatToolsColumns(string profile, string header, string document)
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.GetAsync($"/api/calendar/c1/export?format=csv&profile={profile}", "ada");

        Assert.Equal((200, $"text/csv; charset=utf-8; header={header}"), ((int)response.StatusCode, response.Header("Content-Type")));
        Assert.Equal(document, await response.TextAsync());
    }

    [Theory]
    [InlineData("format=xml", "unknown-format", "format")]
    [InlineData("format=json&profile=buffer", "profile-needs-csv", "format")]
    [InlineData("format=csv&profile=zapier", "unknown-profile", "profile")]
    public async Task Export_FaultyQuery_Is400ThatNamesTheField(string query, string code, string field)
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.GetAsync("/api/calendar/c1/export?" + query, "ada");

        Assert.Equal(400, (int)response.StatusCode);
        var problem = await response.ProblemAsync();
        Assert.Equal(
            (code, field), (problem.GetProperty("code").GetString(), problem.GetProperty("errors").EnumerateObject().Single().Name));
    }

    [Fact]
    public async Task Publish_FlagOff_IsNeitherFallbackNorTheServicesSuccess()
    {
        await using var gateway = await new GatewaySetup().StartAsync();

        using var response = await gateway.PostAsync(
            "/api/publish", new { calendarId = "c1", entryIds = new[] { "e1" }, dryRun = true }, "ada");

        Assert.Equal((200, "dry-run", "flag-off"), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
        Assert.Equal("gateway; error=proxy_internal_response", response.ProxyStatus());
        var body = await response.JsonAsync();
        Assert.True(body.GetProperty("dryRun").GetBoolean());
        Assert.Equal("dry_run_ok", body.GetProperty("intents")[0].GetProperty("status").GetString());
        var metrics = await gateway.MetricsAsync();
        Assert.Equal(1, metrics.Value("gateway_publish_requests_total", ("backend", "dry-run")));
        Assert.Equal(0, metrics.Value("gateway_publish_requests_total", ("backend", "calendar")));
        Assert.Equal(0, metrics.Value("gateway_fallbacks_total"));
    }

    [Fact]
    public async Task Publish_EachIntent_IsOneLogLine()
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.PostAsync(
            "/api/publish", new { calendarId = "c1", runId = "r1", entryIds = new[] { "e1", "e2" } }, "ada");
        await gateway.Logs.CompletionAsync(response);

        var intents = gateway.Logs.Of(response.RequestId()).Where(l => l.TryGetProperty("intentId", out _)).ToArray();
        Assert.Equal(2, intents.Length);
        Assert.All(intents, l => Assert.Equal(("dry_run_ok", "c1", "r1", "ada"), (
            l.GetProperty("status").GetString(), l.GetProperty("calendarId").GetString(), l.GetProperty("runId").GetString(),
            l.GetProperty("userId").GetString())));
        Assert.All(intents, l => Assert.Equal(JsonValueKind.String, l.GetProperty("channel").ValueKind));
    }

    [Theory]
    [InlineData("GET", "/api/publish", 405)]
    [InlineData("DELETE", "/api/publish/intents", 405)]
    [InlineData("GET", "/api/publish/nothing", 404)]
    [InlineData("GET", "/api/publish/intents", 200)]
    [InlineData("GET", "/api/publish/channels", 200)]
    public async Task Publish_OtherCalls_AnswerAsTheServiceWould(string method, string path, int status)
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.Client.SendAsync(GatewayHarness.Request(new(method), path, "ada"));

        Assert.Equal((status, "dry-run"), ((int)response.StatusCode, response.ServedBy()));
        if (status >= 400)
            await response.ProblemAsync();
    }

    [Fact]
    public async Task Publish_Live_IsRefused()
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.PostAsync("/api/publish", new { calendarId = "c1", dryRun = false }, "ada");

        Assert.Equal((422, "live-publish-unavailable"), ((int)response.StatusCode, await response.ProblemCodeAsync()));
    }

    /// <summary>The client's fault, however it breaks its body: no failed publish, on which somebody would be paged.</summary>
}
