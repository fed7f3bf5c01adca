using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harness;

namespace SystemTests.Logs;

/// <summary>
/// Goes every way that a request can take through both programs, with a secret planted at each turn. Over 250 lines: one story, because
/// each step needs the programs as the one before left them, and split up nobody could see what is missing.
/// </summary>
internal sealed class LogStory(
    TestSystem system, PostgresServer postgres, StatusAi ai, FaultProxy aiLink, StubBackend stub, FaultyServer faulty)
{
    private static readonly object Brief = new
    {
        calendarId = "spring", brief = Planted.Brief, startDate = "2099-03-26", days = 1, postsPerDay = 2,
            channels = new[] { "linkedin", "x" },
        timezone = "Europe/Berlin",
    };

    /// <summary>What was asked and how it was answered, step by step.</summary>
    public List<(string Name, string Path, int Status)> Answered { get; } = [];

    public static Dictionary<string, string?> Settings(string ai, string level) => new(StringComparer.Ordinal)
    {
        ["Logging__LogLevel__Default"] = level,
        ["Logging__LogLevel__Microsoft"] = level,
        ["Logging__LogLevel__System"] = level,
        ["Logging__LogLevel__Yarp"] = level,
        ["Logging__LogLevel__Npgsql"] = level,
        ["Identity__Jwt__Issuer"] = "https://issuer.test/",
        ["Identity__Jwt__Audience"] = "gateway",
        ["Identity__Jwt__Secret"] = Planted.JwtSecret,
        ["Writer__Kind"] = "OpenAI",
        ["Writer__OpenAI__BaseUrl"] = ai,
        ["Writer__OpenAI__Model"] = "stub",
        ["Writer__OpenAI__ApiKey"] = Planted.AiKey,
        ["Writer__OpenAI__Retries"] = "1",
        ["Writer__OpenAI__RetryDelay"] = "00:00:00.010",
        ["Channels__linkedin__AccessToken"] = Planted.ChannelToken,
        ["Channels__youtube__AccessToken"] = Planted.ChannelToken,
        ["Channels__youtube__ExpiresAt"] = "2020-01-01T00:00:00Z",
        ["Generation__ItemTimeout"] = "00:00:00.500",
        ["Stream__KeepAlive"] = "00:00:00.200",
        ["Streams__IdleLimit"] = "00:00:00.600",
        ["Limits__BodyBytes"] = "20000",
        ["Overload__RoutePermits"] = "3",
        ["Overload__Queue"] = "0",
        ["Upstream__Circuit__MinimumThroughput"] = "1000",
        ["Upstream__Ramp"] = "00:00:00.001",
    };

    public async Task RunAsync()
    {
        await FlagsOffAsync();
        await system.SwitchAsync(on: true);
        await AddRoutesAsync();
        await RoutesAsync();
        await RefusalsAsync();
        await MalformedAsync();
        await AiAsync();
        await BrokenBackendAsync();
        await ClientLeavesAsync();
        await ShedAsync();
        await BadConfigurationAsync();
        await DatabaseAwayAsync();
        await ServiceAwayAsync();
    }

    private async Task FlagsOffAsync()
    {
        await AskAsync("off-generate", HttpMethod.Post, "/api/calendar/generate", 200, Brief);
        await AskAsync("off-publish", HttpMethod.Post, "/api/publish", 200,
            new { calendarId = "spring", entryIds = new[] { "e1", "e2" }, dryRun = true });
        await AskAsync(
            "off-publish-text", HttpMethod.Post, "/api/publish", 200, new { calendarId = $"my {Planted.PostText}", dryRun = true });
        await AskAsync("off-publish-bad", HttpMethod.Post, "/api/publish", 400, new { calendarId = 7, text = Planted.PostText });
        await AskAsync("off-publish-live", HttpMethod.Post, "/api/publish", 422, new { calendarId = "spring", dryRun = false });
        await AskAsync("off-publish-json", HttpMethod.Post, "/api/publish", 400, Json($"{{\"{Planted.Malformed}"));
        await AskAsync("off-export", HttpMethod.Get, "/api/calendar/spring/export", 200);
        await AskAsync("off-intents", HttpMethod.Get, "/api/publish/intents", 200);
        await AskAsync("off-put", HttpMethod.Put, "/api/publish", 405, new { });
        await AskAsync("legacy-page", HttpMethod.Get, "/some/page", 200);
    }

    private async Task RoutesAsync()
    {
        ai.Answers(AiAnswer.Posts(Planted.PostText, Planted.PostText));
        await AskAsync("generate", HttpMethod.Post, "/api/calendar/generate", 200, Brief, ("Idempotency-Key", Planted.IdempotencyKey));
        await AskAsync(
            "generate-again", HttpMethod.Post, "/api/calendar/generate", 200, Brief, ("Idempotency-Key", Planted.IdempotencyKey));
        await AskAsync("list", HttpMethod.Get, "/api/calendar", 200);
        var calendar = await LoadAsync("load");
        var run = calendar.GetProperty("latestRunId").GetString()!;
        await AskAsync("load-fresh", HttpMethod.Get, "/api/calendar/spring", 304, null, ("If-None-Match", Version(calendar)));
        await AskAsync("stream", HttpMethod.Get, $"/api/calendar/runs/{run}/stream", 200);
        await AskAsync("cancel", HttpMethod.Post, $"/api/calendar/runs/{run}/cancel", 200);
        var entry = calendar.GetProperty("entries")[0].GetProperty("entryId").GetString();
        await AskAsync(
            "patch", HttpMethod.Patch, $"/api/calendar/spring/entries/{entry}", 200,
            new { text = Planted.EditedText, link = Planted.Link, tags = new[] { "t" } }, ("If-Match", Version(calendar)));
        await AskAsync("diff", HttpMethod.Post, "/api/calendar/spring/diff", 200, new { runId = run });
        await AskAsync("apply", HttpMethod.Post, "/api/calendar/spring/apply", 200, new { runId = run },
            ("If-Match", Version(await LoadAsync("load-2"))));
        await SaveAsync("save", "written", "linkedin", 201);
        await SaveAsync("save-auth", "unauthorised", "tiktok", 201);
        await SaveAsync("save-expired", "expired", "youtube", 201);
        await AskAsync("export", HttpMethod.Get, "/api/calendar/spring/export?format=json", 200);
        await AskAsync("export-csv", HttpMethod.Get, "/api/calendar/spring/export?format=csv", 200);
        await AskAsync("publish", HttpMethod.Post, "/api/publish", 200, new { calendarId = "spring", dryRun = true },
            ("Idempotency-Key", Planted.IdempotencyKey));
        await AskAsync("publish-again", HttpMethod.Post, "/api/publish", 200, new { calendarId = "spring", dryRun = true },
            ("Idempotency-Key", Planted.IdempotencyKey));
        await AskAsync("intents", HttpMethod.Get, "/api/publish/intents?calendarId=spring", 200);
        await AskAsync("channels", HttpMethod.Get, "/api/publish/channels", 200);
        await AskAsync("token", HttpMethod.Get, "/api/calendar/spring", 200, null, ("Authorization", "Bearer " + Planted.Token));
        await SocketAsync();
    }

    private async Task RefusalsAsync()
    {
        await AskAsync("bad-input", HttpMethod.Post, "/api/calendar/generate", 400, new { brief = Planted.Brief, days = 1000 });
        await AskAsync("bad-json", HttpMethod.Post, "/api/publish", 400, Json($"{{\"text\":\"{Planted.Malformed}"));
        await AskAsync("bad-token", HttpMethod.Get, "/api/calendar", 401, null, ("Authorization", $"Bearer {Planted.Token}x"));
        await AskAsync("not-found", HttpMethod.Get, "/api/calendar/nowhere", 404);
        await AskAsync("no-endpoint", HttpMethod.Get, "/api/publish/what/is/this", 404);
        await AskAsync("wrong-method", HttpMethod.Delete, "/api/calendar/spring", 405);
        await AskAsync("no-method", new HttpMethod("TRACE"), "/api/calendar/spring", 405);
        await SaveAsync("exists", "written", "linkedin", 412);
        await AskAsync("too-large", HttpMethod.Post, "/api/publish", 413,
            new { calendarId = "spring", text = Planted.PostText + new string('a', 30_000) });
        await AskAsync("no-json", HttpMethod.Post, "/api/publish", 415, new StringContent(Planted.Malformed, Encoding.UTF8, "text/plain"));
        await AskAsync("key-reused", HttpMethod.Post, "/api/publish", 422, new { calendarId = "written", dryRun = true },
            ("Idempotency-Key", Planted.IdempotencyKey));
        await AskAsync("unconditional", HttpMethod.Put, "/api/calendar/spring", 428,
            new { title = Planted.Title, timezone = "UTC", entries = Array.Empty<object>() });
        await AskAsync("auth-missing", HttpMethod.Post, "/api/publish", 422, new { calendarId = "unauthorised", dryRun = true });
        await AskAsync("auth-expired", HttpMethod.Post, "/api/publish", 422, new { calendarId = "expired", dryRun = true });
        using var anonymous = await SendAsync("anonymous", HttpMethod.Get, "/api/publish/channels", null, null);
        Assert.Equal(HttpStatusCode.OK, anonymous.StatusCode);
    }

    /// <summary>What Kestrel refuses before there is a request, and what the gateway refuses before there is a route.</summary>
    private async Task MalformedAsync()
    {
        await RawAsync($"GET /api/calendar?token={Planted.Head} HTTP/9.9\r\nHost: a\r\n\r\n", "505");
        await RawAsync($"GET /api/calendar HTTP/1.1\r\nHost: a\r\nX Secret {Planted.Head}: 1\r\n\r\n", "400");
        await RawAsync($"{Planted.Head}\r\n\r\n", "400");
        await RawAsync($"GET /api/calendar HTTP/1.1\r\nHost: a\r\nHost: {Planted.Head}\r\n\r\n", "400");
        await RawAsync($"GET /api/cal%ZZendar?token={Planted.Head} HTTP/1.1\r\nHost: a\r\nCookie: {Planted.Head}\r\n\r\n", "400");
        await RawAsync(
            $"POST /api/publish HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nCookie: {Planted.Head}\r\n\r\n0\r\n\r\n", "400");
        await RawAsync(
            "POST /api/publish HTTP/1.1\r\nHost: a\r\nX-User-Id: alice\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                + $"{Planted.Head}\r\n\r\n",
            "400");
    }

    private async Task AiAsync()
    {
        var other = JsonSerializer.SerializeToNode(Brief)!.AsObject();
        other["calendarId"] = "late";
        ai.Answers(AiAnswer.PostsAndSilence(Planted.PostText));
        Assert.Contains(
            "\"finishReason\":\"timeout\"", await AskAsync("ai-timeout", HttpMethod.Post, "/api/calendar/generate", 200, other));
        var run = (await LoadAsync("load-late", "late")).GetProperty("latestRunId").GetString();
        await AskAsync("run-partial", HttpMethod.Post, "/api/publish", 409, new { calendarId = "late", runId = run, dryRun = true });
        foreach (var (name, answer) in ((string, AiAnswer)[])[
            ("ai-garbage", AiAnswer.Stream($"data: {Planted.PostText}\n\n")), ("ai-refuses", AiAnswer.Refusal(Planted.PostText)),
            ("ai-key", new(401, $$$"""{"error":{"message":"Incorrect API key provided: {{{Planted.AiKey}}}"}}""")),
            ("ai-quota", new(429, $$$"""{"error":{"message":"{{{Planted.AiKey}}}"}}""")),
            ("ai-down", new(500, Planted.AiKey)), ("ai-resets", new(500, Planted.AiKey))])
        {
            ai.Answers(answer); // It answers the retry too.
            aiLink.Strike(name == "ai-resets" ? new Fault(FaultKind.Reset) : Fault.None);
            other["calendarId"] = name;
            Assert.Contains("\"finishReason\":\"error\"", await AskAsync(name, HttpMethod.Post, "/api/calendar/generate", 200, other));
        }

        // The last three failed twice each, and so the circuit is open: nothing asks the AI from here on.
        var asked = ai.Calls.Count;
        other["calendarId"] = "ai-left-alone";
        Assert.Contains(
            "left alone", await AskAsync("ai-left-alone", HttpMethod.Post, "/api/calendar/generate", 200, other), StringComparison.Ordinal);
        Assert.Equal(asked, ai.Calls.Count);
    }

    private async Task BrokenBackendAsync()
    {
        (string, string)[] secret = [("Set-Cookie", Planted.FromBackend), ("X-Calendar-Id", "c9"), ("X-Run-Id", "r9"), ("X-Channels", "x")];
        stub.Answers(500, Planted.FromBackend, "text/plain", secret);
        await AskAsync("answers-500", HttpMethod.Get, "/api/calendar/broken/a", 500);
        stub.Answers(503, Planted.FromBackend, "text/plain", secret);
        await AskAsync("answers-503", HttpMethod.Get, "/api/calendar/broken/a", 200);
        stub.Answers(503, Planted.FromBackend, "text/plain", [.. secret, ("X-Not-Accepted", "true")]);
        await AskAsync("answers-refused", HttpMethod.Post, "/api/calendar/broken/a", 200, new { text = Planted.PostText });
        stub.Resets();
        await AskAsync("resets-get", HttpMethod.Get, "/api/calendar/broken/a", 200);
        await AskAsync("resets-post", HttpMethod.Post, "/api/publish/broken", 502, new { text = Planted.PostText });
        stub.Stalls();
        await AskAsync("stalls-post", HttpMethod.Post, "/api/publish/broken", 504, new { text = Planted.PostText });
        foreach (var (name, end) in ((string, Func<StepwiseBody, Task>)[])[
            ("stream-reset", body => body.AbortAsync()), ("stream-truncated", body => body.EndAsync()),
            ("stream-idle", _ => Task.CompletedTask)])
        {
            var body = stub.Streams(headers: secret);
            Answered.Add((name, "/api/calendar/broken/stream", 200));
            var asked = SendAsync(name, HttpMethod.Get, "/api/calendar/broken/stream", "alice", null);
            await body.Opened;
            await body.SendFrameAsync(1, "entry", $"{{\"text\":\"{Planted.PostText}\"}}");
            using var answer = await asked; // From here on another backend can no longer answer.
            await end(body);
            Assert.Contains("upstream_", await answer.Content.ReadAsStringAsync());
        }

        foreach (var (name, answer) in ((string, string)[])[
            ("chunk", $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{Planted.FromBackend}\r\n"),
            ("header-line", $"HTTP/1.1 200 OK\r\nSet Cookie {Planted.FromBackend}\r\n\r\n"),
            ("status-line", $"{Planted.FromBackend} is no HTTP\r\n\r\n")])
        {
            faulty.Answer = answer;
            await AskAsync(name, HttpMethod.Post, "/api/publish/faulty", 502, new { text = Planted.PostText });
        }
    }

    private async Task ClientLeavesAsync()
    {
        stub.Stalls();
        using (var leaving = new CancellationTokenSource())
        {
            var asked = SendAsync("leaves-waiting", HttpMethod.Get, "/api/calendar/broken/wait", "alice", null, cancel: leaving.Token);
            await Eventually.TrueAsync(
                "the request is with the backend", () => stub.Requests.Any(r => r.Target.Contains("/wait", StringComparison.Ordinal)));
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        }

        var stream = stub.Streams();
        using (var abrupt = new HttpClient(
            new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = system.Public.BaseAddress })
        using (await SendAsync("leaves-stream", HttpMethod.Get, "/api/calendar/broken/stream", "alice", null, client: abrupt))
            await stream.SendFrameAsync(1, "entry", "{}");
        await stream.AskerLeft;
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", system.Public.BaseAddress!.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/publish HTTP/1.1\r\nHost: a\r\nX-User-Id: alice\r\nX-Request-Id: story-leaves-upload\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{{\"text\":\"{Planted.PostText}"));
        client.Client.LingerState = new LingerOption(true, 0);
    }

    private async Task ShedAsync()
    {
        var stream = stub.Streams("application/octet-stream"); // Event streams have permits of their own.
        var open = new List<HttpResponseMessage>();
        for (var i = 0; i < 3; i++)
            open.Add(await SendAsync($"permit-{i}", HttpMethod.Get, "/api/calendar/broken/stream", "alice", null));
        await AskAsync("shed", HttpMethod.Get, "/api/calendar/broken/more", 503);
        await stream.EndAsync();
        open.ForEach(response => response.Dispose());
    }

    private async Task BadConfigurationAsync()
    {
        var bad = system.Config.Gateway.DeepClone();
        bad["ReverseProxy"]!["Routes"]!["legacy"]!["Transforms"] = new JsonArray(
            new JsonObject { ["RequestHeader"] = "X-Token", ["Sett"] = Planted.Config });
        bad["ReverseProxy"]!["Clusters"]!["stub"]!["Destinations"]!["one"]!["Address"] = $"http://user:{Planted.Config}@127.0.0.1:99999";
        system.Config.Write(ConfigDirectory.GatewayFile, bad.ToJsonString());
        await ReloadedAsync(good: false);
        system.Config.Write(ConfigDirectory.GatewayFile, $"{{ \"ReverseProxy\": \"{Planted.Config}");
        await Eventually.TrueAsync("the second bad file was seen", () =>
            system.GatewayProcess.Log.Count(
                line => line.GetProperty("message").GetString()!.Contains("is refused", StringComparison.Ordinal)) == 2);
        system.Config.Save();
        await ReloadedAsync(good: true);
    }

    private async Task DatabaseAwayAsync()
    {
        await postgres.StopAsync();
        await AskAsync("queued", HttpMethod.Post, "/api/publish", 202, new { calendarId = "spring", dryRun = true });
        await AskAsync("refused-get", HttpMethod.Get, "/api/calendar/spring", 200);
        await AskAsync("refused-publish", HttpMethod.Post, "/api/publish", 200,
            new { calendarId = "never-seen", entryIds = new[] { "e1" }, dryRun = true });
        await postgres.StartAsync();
        await Eventually.TrueAsync("the queued intents were replayed", () =>
            system.ServiceProcess.Log.Any(line => line.GetProperty("message").GetString()!.Contains("replayed", StringComparison.Ordinal)));
    }

    private async Task ServiceAwayAsync()
    {
        await system.ServiceProcess.SignalAsync("TERM");
        await system.ServiceProcess.ExitAsync();
        await AskAsync("away-get", HttpMethod.Get, "/api/calendar/spring", 200);
        await system.BackendAsync("calendar", "unhealthy");
        await AskAsync(
            "away-publish", HttpMethod.Post, "/api/publish", 200, new { calendarId = "spring", entryIds = new[] { "e1" }, dryRun = true });
        system.Legacy.Dispose();
        await system.BackendAsync("legacy", "unhealthy");
        await AskAsync("nobody", HttpMethod.Get, "/api/calendar/spring", 503);
    }

    private async Task AddRoutesAsync()
    {
        var (routes, clusters) = (system.Config.Routes, system.Config.Clusters);
        routes["broken"] = Route("stub", "/api/calendar/broken/{**rest}", "CALENDAR_SERVICE_ENABLED", "legacy", null);
        routes["broken-publish"] = Route("stub", "/api/publish/broken", "PUBLISH_SERVICE_ENABLED", "dry-run", "publish");
        routes["faulty-publish"] = Route("faulty", "/api/publish/faulty", "PUBLISH_SERVICE_ENABLED", "dry-run", "publish");
        routes["socket"] = new JsonObject { ["ClusterId"] = "stub", ["Match"] = new JsonObject { ["Path"] = "/socket" } };
        clusters["stub"] = Cluster(stub.Address);
        clusters["stub"]!["HttpRequest"] = new JsonObject { ["ActivityTimeout"] = "00:00:02" };
        clusters["faulty"] = Cluster(faulty.Address);
        system.Config.Save();
        await Eventually.TrueAsync("the routes are in force", async () =>
        {
            using var response = await system.Public.GetAsync("/socket");
            return response.Headers.GetValues("X-Served-By").Single() == "stub";
        });
    }

    private static JsonObject Route(string cluster, string path, string flag, string fallback, string? dryRun)
    {
        var metadata = new JsonObject { ["Flag"] = flag, ["Fallback"] = fallback };
        if (dryRun is not null)
            metadata["DryRun"] = dryRun;
        return new() { ["ClusterId"] = cluster, ["Match"] = new JsonObject { ["Path"] = path }, ["Metadata"] = metadata };
    }

    private static JsonObject Cluster(Uri address) =>
        new() { ["Destinations"] = new JsonObject { ["one"] = new JsonObject { ["Address"] = address.ToString() } } };

    private Task ReloadedAsync(bool good) => Eventually.TrueAsync($"the reload was {(good ? "good" : "bad")}", async () =>
        (await system.Admin.GetStringAsync("/metrics"))
            .Contains($"gateway_config_last_reload_successful {(good ? 1 : 0)}", StringComparison.Ordinal));

    private async Task SocketAsync()
    {
        using var socket = new ClientWebSocket();
        foreach (var (name, value) in Planted.Headers)
            socket.Options.SetRequestHeader(name, value);
        await socket.ConnectAsync(
            new UriBuilder(system.Public.BaseAddress!) { Scheme = "ws", Path = "/socket", Query = $"token={Planted.Query}" }.Uri, default);
        await socket.SendAsync(Encoding.UTF8.GetBytes(Planted.PostText), WebSocketMessageType.Text, true, default);
        await socket.ReceiveAsync(new byte[100], default);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", default);
    }

    private async Task RawAsync(string head, string status)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", system.Public.BaseAddress!.Port);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(head));
        var answer = new byte[12];
        await client.GetStream().ReadExactlyAsync(answer);
        Assert.Equal($"HTTP/1.1 {status}", Encoding.ASCII.GetString(answer));
    }

    private async Task<JsonElement> LoadAsync(string name, string calendar = "spring") =>
        JsonDocument.Parse(await AskAsync(name, HttpMethod.Get, $"/api/calendar/{calendar}", 200)).RootElement;

    private Task SaveAsync(string name, string calendar, string channel, int status) => AskAsync(
        name, HttpMethod.Put, $"/api/calendar/{calendar}", status,
        new
        {
            title = Planted.Title, timezone = "UTC",
            entries = new[] { new { entryId = "e1", scheduledAt = "2099-07-01T12:00:00Z", channels = new[] { channel },
                text = Planted.EditedText, link = Planted.Link } },
        },
        ("If-None-Match", "*"));

    private static string Version(JsonElement calendar) => $"\"{calendar.GetProperty("version").GetInt64()}\"";

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    /// <returns>The answer's body.</returns>
    private async Task<string> AskAsync(
        string name, HttpMethod method, string path, int status, object? body = null, params (string Name, string Value)[] headers)
    {
        Answered.Add((name, path, status));
        using var response = await SendAsync(name, method, path, "alice", body, headers: headers);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((HttpStatusCode)status == response.StatusCode, $"{name}: {(int)response.StatusCode} instead of {status}: {text}");
        return text;
    }

    private Task<HttpResponseMessage> SendAsync(
        string name, HttpMethod method, string path, string? user, object? body, HttpClient? client = null,
        CancellationToken cancel = default,
        params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, $"{path}{(path.Contains('?') ? '&' : '?')}token={Planted.Query}")
        {
            Content = body as HttpContent ?? (body is null ? null : JsonContent.Create(body)),
        };
        if (user is not null)
            request.Headers.Add("X-User-Id", user);
        request.Headers.Add("X-Request-Id", Id(name));
        foreach (var (header, value) in Planted.Headers.Where(planted => headers.All(own => own.Name != planted.Name)).Concat(headers))
            request.Headers.TryAddWithoutValidation(header, value);
        return (client ?? system.Public).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
    }

    /// <summary>The request id of a step.</summary>
    public static string Id(string name) => "story-" + name;
}
