using System.Text.Json;

namespace Gateway.Tests.Streams;

/// <summary>Holds docs/contract.md section 6: the stream.</summary>
public sealed class StreamPassThroughTests
{
    private static readonly object Brief = DryRun.Requests.Generate();

    [Fact]
    public async Task Stream_FrameByFrame_ArrivesAsItIsSent()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        var upstream = calendar.Streams(headers: [("X-Calendar-Id", "c1"), ("X-Run-Id", "r1"), ("X-Channels", "mastodon")]);
        await using var gateway = await new GatewaySetup(calendar).Open().StartAsync();

        var opening = gateway.OpenStreamAsync("/api/calendar/generate", Brief, "ada");
        await upstream.SendFrameAsync(1, "meta", "{\"type\":\"meta\",\"seq\":1}");
        await using var stream = await opening;
        Assert.Equal("text/event-stream; charset=utf-8", stream.Response.Header("Content-Type"));
        Assert.Equal("calendar", stream.Response.ServedBy());
        Assert.Equal("meta", (await stream.NextAsync())!.Type);
        Assert.Equal(1, (await gateway.MetricsAsync()).Value("gateway_sse_streams_active", ("route", "generate"), ("backend", "calendar")));

        // Each is sent only after the one before has arrived: a buffer anywhere would stop this.
        for (var seq = 2; seq <= 10; seq++)
        {
            await upstream.SendFrameAsync(seq, "entry", $"{{\"type\":\"entry\",\"seq\":{seq}}}");
            Assert.Equal($"{seq}", (await stream.NextAsync())!.Id);
        }

        await upstream.SendFrameAsync(11, "done", "{\"type\":\"done\",\"seq\":11,\"finishReason\":\"complete\"}");
        Assert.Equal("done", (await stream.NextAsync())!.Type);
        await upstream.EndAsync();
        Assert.Null(await stream.NextAsync());

        await OutcomeAsync(gateway, "completed");
        var line = await gateway.Logs.CompletionAsync(stream.Response);
        Assert.Equal(("c1", "r1", "mastodon"), (
            line.GetProperty("calendarId").GetString(), line.GetProperty("runId").GetString(), line.GetProperty("channel").GetString()));
        Assert.Equal(1,
            (await gateway.MetricsAsync()).Value("gateway_sse_first_event_seconds_count", ("route", "generate"), ("backend", "calendar")));
    }

    [Theory]
    [InlineData("timeout", "timeout")]
    [InlineData("error", "error")]
    [InlineData("cancelled", "cancelled")]
    public async Task Stream_OwnDone_IsCountedByItsReason(string reason, string outcome)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        var upstream = calendar.Streams();
        await using var gateway = await new GatewaySetup(calendar).Open().StartAsync();

        var opening = gateway.OpenStreamAsync("/api/calendar/generate", Brief, "ada");
        await upstream.SendFrameAsync(1, "done", $"{{\"finishReason\":\"{reason}\"}}");
        await upstream.EndAsync();
        await using var stream = await opening;

        Assert.Equal("done", (await stream.RestAsync()).Single().Type);
        await OutcomeAsync(gateway, outcome);
    }

    [Theory]
    [InlineData("reset", "upstream_reset", "error")]
    [InlineData("end", "upstream_truncated", "truncated")]
    [InlineData("silence", "upstream_idle", "idle")]
    public async Task Stream_LeftOpen_EndsInErrorAndDoneOfTheGateway(string how, string code, string outcome)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        var upstream = calendar.Streams(headers: [("X-Calendar-Id", "c1"), ("X-Run-Id", "r1")]);
        await using var gateway = await new GatewaySetup(calendar).Open()
            .Option("Streams:IdleLimit", how == "silence" ? "00:00:00.400" : "00:01:00").StartAsync();

        var opening = gateway.OpenStreamAsync("/api/calendar/generate", Brief, "ada");
        await upstream.SendFrameAsync(1, "meta", "{}");
        await upstream.SendFrameAsync(2, "entry", "{}");
        await upstream.SendAsync("id: 3\nevent: entry\ndata: {\"half");
        await using var stream = await opening;
        Assert.Equal(["meta", "entry"], [(await stream.NextAsync())!.Type, (await stream.NextAsync())!.Type]);
        if (how != "silence")
            await (how == "reset" ? upstream.AbortAsync() : upstream.EndAsync());
        var rest = (await stream.RestAsync()).Where(e => e.Type != "truncated").ToArray();

        Assert.Equal(["error", "done"], rest.Select(e => e.Type));
        Assert.Equal(code, rest[0].Json.GetProperty("code").GetString());
        var done = rest[1].Json;
        Assert.Equal(("done", "error", true, 1), (
            done.GetProperty("type").GetString(), done.GetProperty("finishReason").GetString(), done.GetProperty("partial").GetBoolean(),
            done.GetProperty("entries").GetInt32()));
        Assert.Equal((stream.Response.RequestId(), "c1", "r1"), (
            done.GetProperty("requestId").GetString(), done.GetProperty("calendarId").GetString(), done.GetProperty("runId").GetString()));
        Assert.True(rest[1].Id is null or "2", "resuming would miss an entry");
        Assert.Equal(JsonValueKind.Number, done.GetProperty("elapsedMs").ValueKind);
        await OutcomeAsync(gateway, outcome);
    }

    [Fact]
    public async Task Stream_KeepAliveComments_KeepItOpen()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        var upstream = calendar.Streams();
        await using var gateway = await new GatewaySetup(calendar).Open().Option("Streams:IdleLimit", "00:00:02").StartAsync();
        var opening = gateway.OpenStreamAsync("/api/calendar/generate", Brief, "ada");
        await upstream.SendFrameAsync(1, "meta", "{}");
        await using var stream = await opening;

        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        await Eventually.TrueAsync("comments bridged more than the idle limit", async () =>
        {
            await upstream.SendAsync(": keep-alive\n\n");
            return System.Diagnostics.Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(3);
        });
        await upstream.SendFrameAsync(2, "done", "{\"finishReason\":\"complete\"}");
        await upstream.EndAsync();

        Assert.Equal(["meta", "done"], (await stream.RestAsync()).Select(e => e.Type));
    }

    [Fact]
    public async Task Stream_ClientLeaves_CancelsTheServiceAndCountsAgainstNobody()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        var upstream = calendar.Streams();
        await using var gateway = await new GatewaySetup(calendar).Open().StartAsync();
        var opening = gateway.OpenStreamAsync("/api/calendar/generate", Brief, "ada");
        await upstream.SendFrameAsync(1, "meta", "{}");

        await using (var stream = await opening)
            Assert.NotNull(await stream.NextAsync());
        await upstream.AskerLeft.WaitAsync(TimeSpan.FromSeconds(20));

        await OutcomeAsync(gateway, "client_aborted");
        Assert.Equal(0, (await gateway.MetricsAsync()).Value("gateway_circuit_state", ("backend", "calendar")));
    }

    [Fact]
    public async Task Stream_FailsBeforeItsHead_FallsBackToTheDryRunStream()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        calendar.Resets();
        await using var gateway = await new GatewaySetup(calendar).Open().StartAsync();

        await using var stream = await gateway.OpenStreamAsync("/api/calendar/generate", Brief, "ada");
        var events = await stream.RestAsync();

        Assert.Equal("dry-run", stream.Response.ServedBy());
        Assert.True(events[^1].Json.GetProperty("dryRun").GetBoolean());
        var metrics = await gateway.MetricsAsync();
        Assert.Equal(1, metrics.Value("gateway_sse_streams_total", ("backend", "dry-run"), ("outcome", "completed")));
        Assert.Equal(0, metrics.Value("gateway_sse_streams_total", ("backend", "calendar")));
        Assert.Equal(0, metrics.Value("gateway_sse_streams_active"));
    }

    /// <summary>Exactly one stream was counted, under this outcome, and none is open any more.</summary>
    private static async Task OutcomeAsync(GatewayHarness gateway, string outcome)
    {
        await Eventually.TrueAsync($"the stream is counted as {outcome}", async () =>
            (await gateway.MetricsAsync())
                .Value("gateway_sse_streams_total", ("route", "generate"), ("backend", "calendar"), ("outcome", outcome)) == 1);
        var metrics = await gateway.MetricsAsync();
        Assert.Equal(1, metrics.Value("gateway_sse_streams_total"));
        Assert.Equal(0, metrics.Value("gateway_sse_streams_active"));
    }
}
