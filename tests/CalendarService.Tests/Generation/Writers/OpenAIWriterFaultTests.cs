using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CalendarService.Generation.Writers;
using Harness;

namespace CalendarService.Tests.Generation.Writers;

/// <summary>
/// What goes wrong with an AI, and in which words it is told; a little over 250 lines, a test for each way.
/// Holds docs/contract.md section 6: the stream.
/// </summary>
public sealed class OpenAIWriterFaultTests
{
    [Theory]
    [InlineData(401, "ai-auth", 1)]
    [InlineData(403, "ai-auth", 1)]
    [InlineData(429, "ai-rate-limited", 3)]
    [InlineData(500, "ai-unavailable", 3)]
    [InlineData(503, "ai-unavailable", 3)]
    [InlineData(404, "ai-rejected", 1)]
    [InlineData(400, "ai-rejected", 1)]
    public async Task Status_BeforeTheFirstPost_HasItsCodeAndIsRetriedOnlyWhenItMayPass(int status, string code, int calls)
    {
        using var ai = StatusAi.Start(new AiAnswer(status));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl, retries: 2);

        var error = await Assert.ThrowsAsync<WriterException>(() => writer.WriteAsync(Briefs.Coffee));

        Assert.Equal(code, error.Code);
        Assert.Equal(calls, ai.Calls.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Retries_AreAsManyAsConfigured(int retries)
    {
        using var ai = StatusAi.Start(new AiAnswer(500));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl, retries);

        await Assert.ThrowsAsync<WriterException>(() => writer.WriteAsync(Briefs.Coffee));

        Assert.Equal(retries + 1, ai.Calls.Count);
    }

    [Fact]
    public async Task RetryDelay_IsTheConfiguredOneAndDoubles()
    {
        using var ai = StatusAi.Start(new AiAnswer(500));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl, retries: 3);

        await Assert.ThrowsAsync<WriterException>(() => writer.WriteAsync(Briefs.Coffee));

        var waits = writer.Log.All.Where(l => l.Contains("asking again", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, waits.Count);
        foreach (var (line, wait) in waits.Zip(["in 10 ms", "in 20 ms", "in 40 ms"]))
            Assert.Contains(wait, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failure_BeforeTheFirstPost_IsRetriedAndForgotten()
    {
        await using var ai = await StubAi.StartAsync(
            AiReply.Nothing().Resets(), AiReply.Says("{\"te").Resets(), AiReply.Posts("1", "2", "3", "4").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee);

        Assert.Equal(["1", "2", "3", "4"], items.Cast<DraftPost>().Select(p => p.Text));
        Assert.Equal(3, ai.Calls.Count);
    }

    [Fact]
    public async Task Status_ThatPasses_IsRetriedAndForgotten()
    {
        using var ai = StatusAi.Start(new(500), new(503), AiAnswer.Posts("1", "2", "3", "4"));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee);

        Assert.Equal(["1", "2", "3", "4"], items.Cast<DraftPost>().Select(p => p.Text));
        Assert.Equal(3, ai.Calls.Count);
    }

    [Fact]
    public async Task RetryAfter_LongerThanWeWait_IsNotWaitedFor()
    {
        using var ai = StatusAi.Start(new AiAnswer(429, RetryAfter: "600"));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var error = await Assert.ThrowsAsync<WriterException>(() => writer.WriteAsync(Briefs.Coffee));

        Assert.Equal("ai-rate-limited", error.Code);
        Assert.Equal(TimeSpan.FromMinutes(10), error.RetryAfter);
        Assert.Single(ai.Calls);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task RetryAfter_AsADate_IsTakenByTheEndpointsClock(int status)
    {
        var later = TimeProvider.System.GetUtcNow().AddHours(1).ToString("R", CultureInfo.InvariantCulture);
        using var ai = StatusAi.Start(new AiAnswer(status, RetryAfter: later));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var error = await Assert.ThrowsAsync<WriterException>(() => writer.WriteAsync(Briefs.Coffee));

        Assert.InRange(error.RetryAfter!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
        Assert.Single(ai.Calls);
    }

    // Each after the post was read: a reset also throws away what the reader has not taken yet.
    public static TheoryData<string, Func<Task, AiReply>> Breaks => new()
    {
        { "reset", read => AiReply.Posts("one").WaitsFor(read).Resets() },
        { "clean end without a finish", _ => AiReply.Posts("one") },
        { "end in the middle of a frame", _ => AiReply.Posts("one").Raw("data: {\"id\":") },
        { "an error frame", _ => AiReply.Posts("one").Raw("data: {\"error\":{\"message\":\"overloaded\"}}\n\n") },
    };

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task Stream_BreakingAfterAPost_FailsWithoutAskingAgain(string how, Func<Task, AiReply> reply)
    {
        Assert.NotEmpty(how);
        var read = new TaskCompletionSource();
        await using var ai = await StubAi.StartAsync(reply(read.Task));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);
        var posts = new List<string>();

        var error = await Assert.ThrowsAsync<WriterException>(async () =>
        {
            await foreach (var item in writer.ItemsAsync(Briefs.Coffee))
            {
                posts.Add(((DraftPost)item).Text);
                read.TrySetResult();
            }
        });

        Assert.Contains(error.Code, new[] { "ai-unavailable", "ai-invalid-answer" });
        Assert.Equal(["one"], posts);
        Assert.Single(ai.Calls);
    }

    public static TheoryData<string, AiReply> Refusals => new()
    {
        { "refusal", AiReply.Nothing().Refuses("I cannot help with that.") },
        { "content filter", AiReply.Says("{\"te").Finishes("content_filter") },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refusal_OfAnyKind_IsRefusedAndNotRetried(string kind, AiReply reply)
    {
        Assert.NotEmpty(kind);
        await using var ai = await StubAi.StartAsync(reply);
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var error = await Assert.ThrowsAsync<WriterException>(() => writer.WriteAsync(Briefs.Coffee));

        Assert.Equal("ai-refused", error.Code);
        Assert.DoesNotContain("cannot help", error.Message, StringComparison.Ordinal);
        Assert.Single(ai.Calls);
    }

    [Fact]
    public async Task Prompt_ThatIsFiltered_IsRefusedAndNotRetried()
    {
        using var ai = StatusAi.Start(new AiAnswer(400, """{"error":{"code":"content_filter","message":"I cannot help"}}"""));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var error = await Assert.ThrowsAsync<WriterException>(() => writer.WriteAsync(Briefs.Coffee));

        Assert.Equal("ai-refused", error.Code);
        Assert.DoesNotContain("cannot help", error.Message, StringComparison.Ordinal);
        Assert.Single(ai.Calls);
    }

    public static TheoryData<string, AiReply> Nonsense => new()
    {
        { "a web page", AiReply.Nothing().Raw("<html><body>It works!</body></html>") },
        { "frames that are not JSON", AiReply.Nothing().Raw("data: hello\n\n") },
        { "frames of other JSON", AiReply.Nothing().Raw("data: [1,2]\n\n") },
        { "prose", AiReply.Says("I am afraid I can only talk about the weather.").Finishes() },
        { "endless nonsense", AiReply.Says(string.Concat(Enumerable.Repeat("no\n", 200))).Stalls() },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Answer_WithNothingInIt_IsInvalid(string kind, AiReply reply)
    {
        Assert.NotEmpty(kind);
        await using var ai = await StubAi.StartAsync(reply);
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var error = await Assert.ThrowsAsync<WriterException>(
            () => writer.WriteAsync(Briefs.Coffee).WaitAsync(TimeSpan.FromSeconds(15)));

        Assert.Equal("ai-invalid-answer", error.Code);
    }

    [Fact]
    public async Task Endpoint_NotListening_IsUnavailable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        await using var writer = WriterUnderTest.OpenAI($"http://127.0.0.1:{port}/v1");

        var error = await Assert.ThrowsAsync<WriterException>(() => writer.WriteAsync(Briefs.Coffee));

        Assert.Equal("ai-unavailable", error.Code);
        Assert.Equal(2, writer.Log.All.Count(l => l.Contains("retries left", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelling_AStalledStream_ClosesIt(bool afterAPost)
    {
        await using var ai = await StubAi.StartAsync(
            afterAPost ? AiReply.Posts("one").Stalls() : AiReply.Nothing().Raw(": hi\n\n").Stalls());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);
        using var cancel = new CancellationTokenSource();

        var writing = writer.WriteAsync(Briefs.Coffee, cancel.Token);
        await Eventually.TrueAsync("the AI is answering", () => ai.Open == 1);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        await Eventually.TrueAsync("the AI's stream is closed", () => ai.Open == 0);
    }

    [Fact]
    public async Task Cancelling_WhileWaitingToRetry_StopsWaiting()
    {
        using var ai = StatusAi.Start(new AiAnswer(429, RetryAfter: "9"));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);
        using var cancel = new CancellationTokenSource();

        var writing = writer.WriteAsync(Briefs.Coffee, cancel.Token);
        await Eventually.TrueAsync(
            "a retry is due", () => writer.Log.All.Any(l => l.Contains("asking again in 9000 ms", StringComparison.Ordinal)));
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.WaitAsync(TimeSpan.FromSeconds(8)));
        Assert.Single(ai.Calls);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(500)]
    public async Task Key_WhateverHappens_IsNowhereToBeSeen(int status)
    {
        // Providers do echo the key they refuse.
        using var ai = StatusAi.Start(
            new AiAnswer(status, $$$"""{"error":{"message":"Incorrect API key provided: {{{WriterUnderTest.Key}}}"}}"""));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var error = await Assert.ThrowsAsync<WriterException>(() => writer.WriteAsync(Briefs.Coffee));

        Assert.DoesNotContain(WriterUnderTest.Key, error.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(writer.Log.All);
        Assert.All(writer.Log.All, line => Assert.DoesNotContain(WriterUnderTest.Key, line, StringComparison.Ordinal));
    }
}
