using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests.Streams;

/// <summary>Event streams that are not of our protocol. Holds docs/contract.md section 6: the stream.</summary>
public sealed class CountedStreamTests
{
    private const string Chat = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: [DONE]\n\n";

    [Theory]
    [InlineData(Chat)]
    [InlineData(": ping\n\nevent: tick\ndata: 1\n\n")]
    [InlineData("data: half a frame")]
    [InlineData("id: 7\r\nevent: news\r\ndata: größe\r\n\r\n")]
    [InlineData("event: error\ndata: {\"code\":\"theirs\"}\n\nevent: done\ndata: {\"finishReason\":\"error\"}\n\n")]
    [InlineData("")]
    public async Task Legacy_EndsItsStream_BytesPassAndItIsCompleted(string sent)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        var upstream = legacy.Streams();
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        var asking = gateway.GetAsync("/feed");
        await upstream.SendAsync(sent);
        await upstream.EndAsync();
        using var answer = await asking;

        Assert.Equal(sent, await answer.TextAsync());
        await OutcomeAsync(gateway, "legacy", "legacy", "completed");
    }

    [Theory]
    [InlineData("text/event-stream", 500)]
    [InlineData("Text/Event-Stream; Charset=UTF-8", 200)]
    [InlineData("text/event-stream; charset=utf-8", 206)]
    public async Task Legacy_AnyHeadOfAStream_IsCountedOnceAndPasses(string type, int status)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Answers(status, Chat, type, ("Content-Length", $"{Chat.Length}"));
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var answer = await gateway.GetAsync("/feed");

        Assert.Equal((status, type, $"{Chat.Length}", Chat), (
            (int)answer.StatusCode, answer.Header("Content-Type"), answer.Header("Content-Length"), await answer.TextAsync()));
        await OutcomeAsync(gateway, "legacy", "legacy", "completed");
    }

    /// <summary>Neither the stream's idle limit nor the patience for a head has a say in a stream that is open.</summary>
    [Fact]
    public async Task Legacy_SilentBetweenEvents_StaysOpen()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        var upstream = legacy.Streams();
        await using var gateway = await new GatewaySetup(null, legacy)
            .Option("Streams:IdleLimit", "00:00:00.100").Option("Upstream:PollTimeout", "00:00:00.200").StartAsync();
        await using var stream = await EventReader.OpenAsync(gateway.Client, GatewayHarness.Request(HttpMethod.Get, "/feed"));

        await Task.Delay(TimeSpan.FromMilliseconds(700), TestContext.Current.CancellationToken);
        await upstream.SendAsync("data: at last\n\n");
        Assert.Equal("at last", (await stream.NextAsync())!.Data);
        await upstream.EndAsync();

        Assert.Empty(await stream.RestAsync());
        await OutcomeAsync(gateway, "legacy", "legacy", "completed");
    }

    [Fact]
    public async Task Legacy_Resets_ClientSeesAResetAndNoFrameOfOurs()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        var upstream = legacy.Streams();
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();
        await using var stream = await EventReader.OpenAsync(gateway.Client, GatewayHarness.Request(HttpMethod.Get, "/feed"));
        await upstream.SendAsync("data: 1\n\n");
        Assert.Equal("1", (await stream.NextAsync())!.Data);

        await upstream.AbortAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => stream.NextAsync());
        await OutcomeAsync(gateway, "legacy", "legacy", "error");
    }

    [Fact]
    public async Task Legacy_ReaderLeaves_CountsAsClientAborted()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        var upstream = legacy.Streams();
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();
        await using (var stream = await EventReader.OpenAsync(gateway.Client, GatewayHarness.Request(HttpMethod.Get, "/feed")))
        {
            await upstream.SendAsync("data: 1\n\n");
            Assert.NotNull(await stream.NextAsync());
        }

        await upstream.AskerLeft.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        await OutcomeAsync(gateway, "legacy", "legacy", "client_aborted");
    }

    /// <summary>Who stands behind the calendar on its route may speak a dialect of its own, and is held to ours once it has spoken it.</summary>
    [Theory]
    [InlineData(Chat, Chat, "completed")]
    [InlineData("event: done\ndata: bye\n\n", "event: done\ndata: bye\n\n", "completed")]
    [InlineData("event: meta\ndata: {}\n\n", null, "truncated")]
    [InlineData("event: meta\ndata: {}\n\nevent: done\ndata: {\"finishReason\":\"timeout\"}\n\n", null, "timeout")]
    public async Task GuardedRoute_LegacyAnswers_IsJudgedByWhatItSpeaks(string sent, string? seen, string outcome)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        var upstream = legacy.Streams();
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        var asking = gateway.PostAsync("/api/calendar/generate", new { }, "ada");
        await upstream.SendAsync(sent);
        await upstream.EndAsync();
        using var answer = await asking;
        var text = await answer.TextAsync();

        Assert.Equal(("legacy", "flag-off"), (answer.ServedBy(), answer.Reason()));
        if (seen is not null)
            Assert.Equal(seen, text);
        else
            Assert.Equal(1, text.Split("event: done").Length - 1);
        await OutcomeAsync(gateway, "generate", "legacy", outcome);
    }

    [Fact]
    public async Task GuardedRoute_LegacyOfAnotherDialect_MayBeSilentAndResets()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        var upstream = legacy.Streams();
        await using var gateway = await new GatewaySetup(null, legacy).Option("Streams:IdleLimit", "00:00:00.100").StartAsync();
        await using var stream = await gateway.OpenStreamAsync("/api/calendar/generate", new { }, "ada");

        await Task.Delay(TimeSpan.FromMilliseconds(400), TestContext.Current.CancellationToken);
        await upstream.SendAsync("data: thought\n\n");
        Assert.Equal("thought", (await stream.NextAsync())!.Data);
        await upstream.AbortAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => stream.NextAsync());
        await OutcomeAsync(gateway, "generate", "legacy", "error");
    }

    [Theory]
    [InlineData("guard", true)]
    [InlineData("Guard", true)]
    [InlineData("count", false)]
    [InlineData(null, false)]
    public async Task Metadata_Streams_SaysWhetherLegacyIsGuarded(string? rule, bool guarded)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        var setup = new GatewaySetup(null, legacy);
        if (rule is not null)
            setup.Metadata(setup.Config.Routes["legacy"]!.AsObject(), "Streams", rule);
        legacy.Answers(200, "data: 1\n\n", "text/event-stream");
        await using var gateway = await setup.StartAsync();

        using var answer = await gateway.GetAsync("/feed");

        Assert.Equal(guarded, (await answer.TextAsync()).Contains("upstream_truncated", StringComparison.Ordinal));
        await OutcomeAsync(gateway, "legacy", "legacy", guarded ? "truncated" : "completed");
    }

    [Fact]
    public async Task Metadata_StreamsCountOnAFlaggedRoute_AddsNothing()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        calendar.Answers(200, Chat, "text/event-stream");
        var setup = new GatewaySetup(calendar).Open();
        setup.Metadata(setup.Config.Routes["generate"]!.AsObject(), "Streams", "count");
        await using var gateway = await setup.StartAsync();

        using var answer = await gateway.PostAsync("/api/calendar/generate", new { }, "ada");

        Assert.Equal(Chat, await answer.TextAsync());
        await OutcomeAsync(gateway, "generate", "calendar", "completed");
    }

    /// <summary>A client of HTTP/1.1 tells a cut body from a whole one by its last chunk only.</summary>
    [Fact]
    public async Task Legacy_Resets_LastChunkIsMissing()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        var upstream = legacy.Streams();
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(gateway.PublicAddress.Host, gateway.PublicAddress.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync("GET /feed HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        await upstream.SendAsync("data: 1\n\n");

        await upstream.AbortAsync();

        var text = new StringBuilder();
        try
        {
            var buffer = new byte[4096];
            while (await client.GetStream().ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(20)) is var read and > 0)
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // Cut hard, which is as good.
        }

        Assert.DoesNotContain("\r\n0\r\n", text.ToString(), StringComparison.Ordinal);
    }

    private static async Task OutcomeAsync(GatewayHarness gateway, string route, string backend, string outcome)
    {
        await Eventually.TrueAsync($"one stream ended as {outcome}", async () =>
            (await gateway.MetricsAsync())
                .Value("gateway_sse_streams_total", ("route", route), ("backend", backend), ("outcome", outcome)) == 1);
        var metrics = await gateway.MetricsAsync();
        Assert.Equal(1, metrics.Value("gateway_sse_streams_total"));
        Assert.Equal(0, metrics.Value("gateway_sse_streams_active"));
        Assert.Equal(0, metrics.Value("gateway_request_duration_seconds_count"));
    }
}
