using System.IO.Compression;
using System.Text;

namespace Gateway.Tests.Streams;

/// <summary>What an event stream may look like and is guarded all the same. Holds docs/contract.md section 6: the stream.</summary>
public sealed class GuardedHeadTests
{
    private const string Meta = "id: 1\nevent: meta\ndata: {\"type\":\"meta\",\"seq\":1}\n\n";
    private const string Done = "id: 2\nevent: done\ndata: {\"type\":\"done\",\"seq\":2,\"finishReason\":\"complete\"}\n\n";

    [Theory]
    [InlineData(201, "text/event-stream", null)]
    [InlineData(400, "text/event-stream", null)]
    [InlineData(500, "text/event-stream", null)]
    [InlineData(200, "TEXT/EVENT-STREAM; CHARSET=UTF-8", null)]
    [InlineData(200, "text/event-stream ; charset=utf-8", null)]
    [InlineData(200, "text/event-stream", "Content-Length: 49")]
    [InlineData(200, "text/event-stream", "Content-Encoding: identity")]
    public async Task Stream_EndsWithoutDone_WhateverItsHead_EndsInErrorAndDone(int status, string type, string? header)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        calendar.Answers(status, Meta, type, header is null ? [] : [(header.Split(": ")[0], header.Split(": ")[1])]);
        await using var gateway = await new GatewaySetup(calendar).Open().StartAsync();

        await using var stream = await gateway.OpenStreamAsync("/api/calendar/generate", new { }, "ada");
        var events = await stream.RestAsync();

        Assert.Equal(status, (int)stream.Response.StatusCode);
        Assert.Equal(["meta", "error", "done"], events.Select(e => e.Type));
        Assert.Equal("upstream_truncated", events[1].Json.GetProperty("code").GetString());
        await OutcomeAsync(gateway, "truncated");
    }

    [Theory]
    [InlineData("gzip", true, "completed")]
    [InlineData("br", true, "completed")]
    [InlineData("deflate", true, "completed")]
    [InlineData("X-GZIP", true, "completed")]
    [InlineData("gzip", false, "truncated")]
    [InlineData("br", false, "truncated")]
    [InlineData("deflate", false, "truncated")]
    public async Task Stream_CompressedUnasked_IsReadAndJudged(string coding, bool ended, string outcome)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        var bytes = Compress(coding, ended ? Meta + Done : Meta);
        calendar.Answers(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.ContentEncoding = coding;
            context.Response.ContentLength = bytes.Length;
            await context.Response.Body.WriteAsync(bytes);
        });
        await using var gateway = await new GatewaySetup(calendar).Open().StartAsync();

        await using var stream = await gateway.OpenStreamAsync("/api/calendar/generate", new { }, "ada");
        var events = await stream.RestAsync();

        Assert.Null(stream.Response.Header("Content-Encoding"));
        Assert.Equal(ended ? ["meta", "done"] : ["meta", "error", "done"], events.Select(e => e.Type));
        await OutcomeAsync(gateway, outcome);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Stream_CompressedAndSilent_ArrivesAsItIsFlushedAndEndsAsIdle(string coding)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        calendar.Answers(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.ContentEncoding = coding;
            await using var encoder = Encoder(coding, context.Response.Body);
            await encoder.WriteAsync(Encoding.UTF8.GetBytes(Meta), context.RequestAborted);
            await encoder.FlushAsync(context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await using var gateway = await new GatewaySetup(calendar).Open().Option("Streams:IdleLimit", "00:00:00.300").StartAsync();

        await using var stream = await gateway.OpenStreamAsync("/api/calendar/generate", new { }, "ada");
        var events = await stream.RestAsync();

        Assert.Equal(["meta", "error", "done"], events.Select(e => e.Type));
        Assert.Equal("upstream_idle", events[1].Json.GetProperty("code").GetString());
        await OutcomeAsync(gateway, "idle");
    }

    [Fact]
    public async Task Stream_InABrokenEncoding_EndsInErrorAndDone()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        calendar.Answers(200, Meta, "text/event-stream", ("Content-Encoding", "gzip"));
        await using var gateway = await new GatewaySetup(calendar).Open().StartAsync();

        await using var stream = await gateway.OpenStreamAsync("/api/calendar/generate", new { }, "ada");

        Assert.Equal(["error", "done"], (await stream.RestAsync()).Select(e => e.Type));
        await OutcomeAsync(gateway, "error");
    }

    [Fact]
    public async Task Stream_InAnUnknownEncoding_PassesWithAWarningAndIsCutWhenItIsSilent()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        var upstream = calendar.Streams(headers: [("Content-Encoding", "zstd")]);
        await using var gateway = await new GatewaySetup(calendar).Open().Option("Streams:IdleLimit", "00:00:00.300").StartAsync();
        await using var stream = await gateway.OpenStreamAsync("/api/calendar/generate", new { }, "ada");
        await upstream.SendAsync("not to be read");

        await Assert.ThrowsAnyAsync<Exception>(() => stream.Response.Content.ReadAsByteArrayAsync());

        Assert.Equal("zstd", stream.Response.Header("Content-Encoding"));
        Assert.Equal("warning", (await gateway.Logs.MessageAsync("zstd")).GetProperty("level").GetString());
        await OutcomeAsync(gateway, "idle");
    }

    [Theory]
    [InlineData("POST", "/api/calendar/generate", null, "identity")]
    [InlineData("POST", "/api/calendar/generate", "*/*", "identity")]
    [InlineData("POST", "/api/calendar/generate", "Text/Event-Stream", "identity")]
    [InlineData("GET", "/api/calendar/runs/r1/stream", "text/event-stream", "identity")]
    [InlineData("GET", "/api/calendar/c1", "application/json", "gzip, deflate, br")]
    [InlineData("GET", "/api/calendar/c1/export", "*/*", "gzip, deflate, br")]
    [InlineData("POST", "/api/calendar/c1/apply", "application/json", "gzip, deflate, br")]
    [InlineData("GET", "/feed", "text/event-stream", "gzip, deflate, br")]
    [InlineData("POST", "/chat", "*/*", "gzip, deflate, br")]
    public async Task AcceptEncoding_OfWhatMayBeAGuardedStream_AsksForPlainBytes(string method, string path, string? accept, string asked)
    {
        await using var backend = await StubBackend.StartAsync("backend");
        await using var gateway = await new GatewaySetup(backend, backend).Open().StartAsync();
        (string, string)[] headers = [("Accept-Encoding", "gzip, deflate, br"), .. accept is null ? (ReadOnlySpan<(string, string)>)[] : [("Accept", accept)]];

        (await gateway.Client.SendAsync(GatewayHarness.Request(
            new(method), path, "ada", method == "POST" ? new StringContent("{}") : null, headers))).Dispose();

        Assert.Equal(asked, Assert.Single(backend.Requests).Header("Accept-Encoding"));
    }

    /// <summary>A stream that another backend answers instead was never open, and leaves nothing behind.</summary>
    [Fact]
    public async Task Stream_WithheldFailure_IsCountedNowhere()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        calendar.Answers(503, Meta, "text/event-stream");
        await using var gateway = await new GatewaySetup(calendar).Open().StartAsync();

        await using var stream = await gateway.OpenStreamAsync("/api/calendar/generate", DryRun.Requests.Generate(), "ada");
        await stream.RestAsync();

        Assert.Equal("dry-run", stream.Response.ServedBy());
        await Eventually.TrueAsync("the dry-run's stream is counted", async () =>
            (await gateway.MetricsAsync()).Value("gateway_sse_streams_total") == 1);
        var page = await gateway.MetricsAsync();
        Assert.Equal(0, page.Value("gateway_sse_streams_active"));
        Assert.Equal(0, page.Value("gateway_permits_in_use"));
    }

    private static byte[] Compress(string coding, string text)
    {
        using var bytes = new MemoryStream();
        using (var encoder = Encoder(coding, bytes))
            encoder.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }

    private static Stream Encoder(string coding, Stream into) => coding.ToLowerInvariant() switch
    {
        "br" => new BrotliStream(into, CompressionLevel.Fastest, leaveOpen: true),
        "deflate" => new ZLibStream(into, CompressionLevel.Fastest, leaveOpen: true),
        _ => new GZipStream(into, CompressionLevel.Fastest, leaveOpen: true),
    };

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
