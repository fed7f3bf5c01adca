using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.Tests.Accounting;

/// <summary>Holds docs/contract.md section 3: the decision.</summary>
public sealed partial class CorrelationTests
{
    private static readonly string[] Keys = ["requestId", "userId", "channel", "calendarId", "runId", "status", "traceId"];

    [Theory]
    [InlineData("legal.Id_0-9", true)]
    [InlineData("12345678", true)]
    [InlineData("1234567", false)]
    [InlineData("has space", false)]
    [InlineData("has/slash", false)]
    public async Task RequestId_Inbound_IsKeptWhenLegal(string inbound, bool kept)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.GetAsync("/page", null, ("X-Request-Id", inbound));

        Assert.Equal(kept, response.RequestId() == inbound);
        Assert.Equal(response.RequestId(), legacy.Requests[0].Header("X-Request-Id"));
        if (!kept)
            Assert.Matches(UuidV7(), response.RequestId());
    }

    [Fact]
    public async Task RequestId_128And129Characters_IsTheLimit()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var longest = await gateway.GetAsync("/page", null, ("X-Request-Id", new string('a', 128)));
        using var tooLong = await gateway.GetAsync("/page", null, ("X-Request-Id", new string('a', 129)));
        using var twice = await gateway.GetAsync("/page", null, ("X-Request-Id", "first-id"), ("X-Request-Id", "second-id"));

        Assert.Equal(new string('a', 128), longest.RequestId());
        Assert.Matches(UuidV7(), tooLong.RequestId());
        Assert.Matches(UuidV7(), twice.RequestId());
    }

    [Fact]
    public async Task Headers_OnEveryAnswer_ErrorsIncluded()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Answers(200, "x", "text/plain", ("X-Served-By", "liar"), ("X-Route-Reason", "liar"), ("X-Request-Id", "liar-liar"));
        await using var gateway = await new GatewaySetup(null, legacy).Edit(c => c.Routes["legacy"]!["Match"]!["Path"] = "/legacy/{**rest}")
            .StartAsync();

        foreach (var (path, status, by, reason) in ((string, int, string, string)[])[
            ("/legacy/a", 200, "legacy", "ungated"), ("/nowhere", 404, "gateway", "refused"),
            ("/api/calendar/c1/export?format=x", 400, "dry-run", "flag-off")])
        {
            await AssertStampedAsync(gateway, path, status, by, reason);
        }

        Assert.Equal("gateway; error=proxy_internal_response", (await gateway.GetAsync("/nowhere")).ProxyStatus());
    }

    [Fact]
    public async Task Trace_Inbound_IsContinuedToTheBackendAndTheLog()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();
        const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

        using var response = await gateway.GetAsync(
            "/page", null, ("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01"), ("tracestate", "vendor=1"));

        Assert.StartsWith($"00-{TraceId}-", legacy.Requests[0].Header("traceparent"), StringComparison.Ordinal);
        Assert.Equal("vendor=1", legacy.Requests[0].Header("tracestate"));
        Assert.Equal(TraceId, (await gateway.Logs.CompletionAsync(response)).GetProperty("traceId").GetString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("nonsense")]
    public async Task Trace_ThatNobodyBegan_IsBegunHere_AndIsTheSameInLogAndBackend(string? came)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var one = await gateway.GetAsync("/page", null, came is null ? [] : [("traceparent", came)]);
        using var other = await gateway.GetAsync("/page", null);

        var (line, next) = (await gateway.Logs.CompletionAsync(one), await gateway.Logs.CompletionAsync(other));
        Assert.Matches("^[0-9a-f]{32}$", Text(line, "traceId"));
        Assert.Matches("^[0-9a-f]{16}$", Text(line, "spanId"));
        Assert.NotEqual(Text(line, "traceId"), Text(next, "traceId"));
        Assert.Equal(came ?? $"00-{Text(line, "traceId")}-{Text(line, "spanId")}-00", legacy.Requests[0].Header("traceparent"));

        static string Text(JsonElement line, string key) => line.GetProperty(key).GetString()!;
    }

    [Fact]
    public async Task Log_EveryLineOfARequest_CarriesTheKeysAndOneCompletes()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        calendar.Answers(200, "{}", "application/json", ("X-Calendar-Id", "c9"), ("X-Run-Id", "r9"), ("X-Channels", "mastodon,bluesky"),
            ("X-Publish-Outcome", "ok"));
        await using var gateway = await new GatewaySetup(calendar).Open().StartAsync();

        using var response = await gateway.PostAsync("/api/publish", new { }, "ada");
        var line = await gateway.Logs.CompletionAsync(response);

        Assert.All(
            gateway.Logs.Of(response.RequestId()), l => Assert.All(Keys, k => Assert.True(l.TryGetProperty(k, out _), $"{k} in {l}")));
        Assert.Equal(("ada", "mastodon,bluesky", "c9", "r9"), (
            line.GetProperty("userId").GetString(), line.GetProperty("channel").GetString(),
            line.GetProperty("calendarId").GetString(), line.GetProperty("runId").GetString()));
        Assert.Equal((JsonValueKind.String, "200", 200), (
            line.GetProperty("status").ValueKind, line.GetProperty("status").GetString(), line.GetProperty("httpStatus").GetInt32()));
        Assert.Equal(("publish", "calendar", "in-cohort"), (
            line.GetProperty("route").GetString(), line.GetProperty("backend").GetString(), line.GetProperty("reason").GetString()));
        Assert.True(line.GetProperty("durationMs").GetDouble() > 0);
        Assert.Matches("^[0-9a-f]{32}$", line.GetProperty("traceId").GetString());
    }

    [Fact]
    public async Task Log_EveryLine_IsOneJsonObjectWithTheKeys()
    {
        await using var gateway = await new GatewaySetup().Open().StartAsync();
        using var failed = await gateway.GetAsync("/api/calendar/c1", "ada"); // Two failed tries, with exceptions in the log.
        await gateway.Logs.CompletionAsync(failed);

        Assert.All(gateway.Logs.All, l => Assert.All(Keys, k => Assert.True(l.TryGetProperty(k, out _), $"{k} in {l}")));
    }

    [Fact]
    public async Task Log_Secrets_NeverAppear()
    {
        const string Canary = "CANARY-7f3a";
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var gateway = await new GatewaySetup(calendar).Open().Option("Logging:LogLevel:Default", "Debug").StartAsync();
        (string, string)[] headers = [("Authorization", $"Basic {Canary}"), ("Cookie", $"session={Canary}"), ("X-Api-Key", Canary)];

        foreach (
            var act in (Action[])[() => { }, calendar.Resets, () => calendar.Answers(500, Canary, "text/plain", ("Set-Cookie", Canary))])
        {
            act();
            using var get = await gateway.GetAsync($"/api/calendar/c1?token={Canary}", "ada", headers);
            using var post = await gateway.PostAsync("/api/publish", new { calendarId = "c1", text = Canary }, "ada", headers);
            await gateway.Logs.CompletionAsync(get);
            await gateway.Logs.CompletionAsync(post);
        }

        Assert.DoesNotContain(gateway.Logs.Raw, l => l.Contains(Canary, StringComparison.Ordinal));
    }

    private static async Task AssertStampedAsync(GatewayHarness gateway, string path, int status, string by, string reason)
    {
        using var response = await gateway.GetAsync(path, null, ("X-Request-Id", "request-12"));
        Assert.Equal(
            (status, by, reason, "request-12"), ((int)response.StatusCode, response.ServedBy(), response.Reason(), response.RequestId()));
        if (status >= 400)
            await response.ProblemAsync();
    }

    [GeneratedRegex("^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
    private static partial Regex UuidV7();
}
