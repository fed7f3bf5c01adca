using System.Net;
using System.Text.Json;
using Harness;
using SystemTests.Logs;

namespace SystemTests.Traces;

/// <summary>What a collector on a real socket receives of both programs.</summary>
public sealed class TraceTests
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string ClientSpan = "00f067aa0ba902b7";

    [Fact]
    public async Task Request_ThroughBothPrograms_IsOneTraceWithoutSecrets()
    {
        await using var postgres = await PostgresServer.StartNewAsync();
        await using var ai = await StubAi.StartAsync(AiReply.Posts(Planted.PostText, Planted.PostText));
        await using var collector = await StubCollector.StartAsync();
        var settings = LogStory.Settings(ai.BaseUrl, "Information");
        settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url;
        settings["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        settings["OTEL_BSP_SCHEDULE_DELAY"] = "100";
        var database = postgres.ConnectionString(
            await postgres.CreateDatabaseAsync()) + $";Password={Planted.Password};Persist Security Info=true";
        await using var system = await TestSystem.StartAsync(database, settings: settings);
        await system.SwitchAsync(on: true);

        using (var generate = await AskAsync(system, HttpMethod.Post, "/api/calendar/generate", new
        {
            calendarId = "spring", brief = Planted.Brief, startDate = "2099-03-26", days = 1, postsPerDay = 2, channels = new[] { "x" },
                timezone = "UTC",
        }))
            await generate.Content.ReadAsStringAsync();
        await Eventually.TrueAsync(
            "the service's spans arrived", () => collector.Spans.Any(s => s.Service == "calendar" && s.IsServer && s.TraceId == TraceId));
        await system.ServiceProcess.KillAsync();
        using (var fallback = await AskAsync(system, HttpMethod.Get, "/api/calendar/spring"))
            Assert.Equal("legacy", fallback.Headers.GetValues("X-Served-By").Single());
        await Eventually.TrueAsync("the gateway's spans arrived",
            () => collector.Spans.Count(s => s.Service == "gateway" && s.IsServer && s.TraceId == TraceId) == 2);

        var spans = collector.Spans;
        AssertOneTrace(spans, ai, system);
        AssertFallback(spans);
        // Nobody's probe and no admin's look is a trace, and neither is anything that a program does by itself.
        Assert.DoesNotContain(spans, s => s.Attributes.GetValueOrDefault("url.path") is "/readyz" or "/status" or "/metrics");
        Assert.All(spans.Where(s => s.ParentId.Length == 0), s => Assert.True(s.IsServer, s.Name));
        Assert.All(Planted.All, secret => Assert.DoesNotContain(secret, collector.Bytes, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Settings_NameHeadersAndSampler_AreTakenOverGrpc()
    {
        await using var collector = await StubCollector.StartAsync(grpc: true);
        await using var system = await TestSystem.StartAsync(settings: new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
            ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-token=let-me-in",
            ["OTEL_SERVICE_NAME"] = "front",
            ["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment.name=test",
            ["OTEL_TRACES_SAMPLER"] = "parentbased_traceidratio",
            ["OTEL_TRACES_SAMPLER_ARG"] = "0",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        });

        using var unsampled = await system.Public.GetAsync("/page");
        using var sampled = await AskAsync(system, HttpMethod.Get, "/page");
        await Eventually.TrueAsync("the sampled request arrived", () => collector.Spans.Count(s => s.IsServer) == 1);

        var span = collector.Spans.Single(s => s.IsServer);
        Assert.Equal((TraceId, "front"), (span.TraceId, span.Service));
        Assert.All(collector.Spans, s => Assert.Equal(TraceId, s.TraceId));
        Assert.Contains("let-me-in", collector.Tokens);
        Assert.Contains("deployment.environment.name", collector.Bytes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collector_Failing_HarmsNoRequestAndIsToldOnce()
    {
        await using var collector = await StubCollector.StartAsync();
        collector.Status = 400;
        await using var system = await TestSystem.StartAsync(settings: new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "50",
        });

        await Eventually.TrueAsync("three batches were refused", async () =>
        {
            using var response = await system.Public.GetAsync("/page");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return collector.Batches >= 3;
        });
        collector.Status = 200;
        await Eventually.TrueAsync("spans are taken again", async () =>
        {
            using var response = await system.Public.GetAsync("/page");
            return collector.Spans.Count > 0 && About(system).Count > 1;
        });

        Assert.Equal(["warning", "information"], About(system));
    }

    private static void AssertOneTrace(IReadOnlyList<ReceivedSpan> all, StubAi ai, TestSystem system)
    {
        var trace = all.Where(s => s.TraceId == TraceId).ToArray();
        var gateway = Assert.Single(trace, s => s.Service == "gateway" && s.IsServer && s.Name == "POST /api/calendar/generate");
        var sent = Assert.Single(trace, s => s.Service == "gateway" && s.IsClient && s.ParentId == gateway.SpanId);
        var service = Assert.Single(trace, s => s.Service == "calendar" && s.IsServer);
        Assert.Equal((ClientSpan, sent.SpanId, "POST /api/calendar/generate"), (gateway.ParentId, service.ParentId, service.Name));
        Assert.Contains(trace, s => s.Source == "Npgsql" && s.ParentId == service.SpanId);
        Assert.Contains(trace, s => s.Service == "calendar" && s.IsClient && s.ParentId == service.SpanId
            && s.Attributes.GetValueOrDefault("url.full") == $"{ai.BaseUrl}/chat/completions");
        Assert.Equal(
            ("200", "/api/calendar/generate", "generate", "calendar", "in-cohort"),
            (gateway.Attributes["http.response.status_code"], gateway.Attributes["http.route"], gateway.Attributes["request.route"],
                gateway.Attributes["request.backend"], gateway.Attributes["request.reason"]));

        // From a log line to its span, in both programs.
        foreach (
            var (process, span) in ((ProgramProcess, ReceivedSpan)[])[(system.GatewayProcess, gateway), (system.ServiceProcess, service)])
        {
            var line = Assert.Single(
                process.Log, l => l.TryGetProperty("httpStatus", out _) && l.GetProperty("path").GetString() == "/api/calendar/generate");
            Assert.Equal(
                (span.TraceId, span.SpanId, span.Attributes["request.id"]),
                (line.GetProperty("traceId").GetString(), line.GetProperty("spanId").GetString(),
                    line.GetProperty("requestId").GetString()));
        }
    }

    /// <summary>Every try is a span of its own, and says what became of it.</summary>
    private static void AssertFallback(IReadOnlyList<ReceivedSpan> all)
    {
        var request = Assert.Single(
            all, s => s.Service == "gateway" && s.IsServer && s.TraceId == TraceId && s.Name == "GET /api/calendar/{**rest}");
        var tries = all.Where(s => s.Service == "gateway" && s.IsClient && s.ParentId == request.SpanId).ToArray();
        Assert.Equal([2, 0], tries.Select(s => s.Status));
        Assert.Equal(("legacy", "not-sent"), (request.Attributes["request.backend"], request.Attributes["request.reason"]));
    }

    /// <summary>The levels of what the gateway logged about its collector.</summary>
    private static IReadOnlyList<string> About(TestSystem system) =>
    [
        .. system.GatewayProcess.Log.Where(line => line.TryGetProperty("collector", out _))
        .Select(line => line.GetProperty("level").GetString()!),
    ];

    private static Task<HttpResponseMessage> AskAsync(TestSystem system, HttpMethod method, string path, object? body = null) =>
        TestSystem.SendAsync(
        system.Public, method, $"{path}?token={Planted.Query}", "alice", body,
        [.. Planted.Headers, ("traceparent", $"00-{TraceId}-{ClientSpan}-01")]);
}
