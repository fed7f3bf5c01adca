using CalendarService.Generation.Writers;
using Harness;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;

namespace CalendarService.Tests.Generation.Writers;

/// <summary>When an AI is left alone, and when it is asked again. Polly's clock cannot be set for one test, so breaks are short.</summary>
public sealed class ChatCircuitTests
{
    private static readonly string[] Texts = ["1", "2", "3", "4"];

    [Theory]
    [InlineData(500, 2)]
    [InlineData(503, 4)]
    [InlineData(408, 2)]
    [InlineData(429, 3)]
    public async Task Circuit_AfterTheConfiguredFailures_AsksNoMore(int status, int failures)
    {
        using var ai = StatusAi.Start(new AiAnswer(status));
        await using var writer = Writer(ai.BaseUrl, failures);
        for (var call = 1; call <= failures; call++)
        {
            await FaultAsync(writer);
            Assert.Equal(call, ai.Calls.Count);
        }

        var error = await FaultAsync(writer);

        Assert.Equal(("ai-unavailable", false), (error.Code, error.Transient));
        Assert.Equal(failures, ai.Calls.Count);
        Assert.Single(writer.Log.All, line => line.Contains("failed too often in a row", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Circuit_AfterResetsBeforeTheHead_AsksNoMore()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Nothing().Resets());
        await using var writer = Writer(ai.BaseUrl, failures: 2);

        for (var call = 0; call < 3; call++)
            Assert.Equal("ai-unavailable", (await FaultAsync(writer)).Code);

        Assert.Equal(2, ai.Calls.Count);
    }

    [Fact]
    public async Task Circuit_OpenedByARunsOwnRetries_EndsTheRun()
    {
        using var ai = StatusAi.Start(new AiAnswer(500));
        await using var writer = Writer(ai.BaseUrl, failures: 2, retries: 5);

        var error = await FaultAsync(writer);

        Assert.Equal("ai-unavailable", error.Code);
        Assert.Equal(2, ai.Calls.Count);
    }

    [Fact]
    public async Task Circuit_AfterItsBreak_LetsOneCallTryAndClosesWhenItIsAnswered()
    {
        var answer = new TaskCompletionSource();
        await using var ai = await StubAi.StartAsync(
            AiReply.Nothing().Resets(), AiReply.Nothing().Resets(), AiReply.Nothing().WaitsFor(answer.Task).Then("""{"text":"1"}""").Finishes(),
            AiReply.Posts(Texts).Finishes());
        await using var writer = Writer(ai.BaseUrl, failures: 2, breakFor: "00:00:03");
        await FaultAsync(writer);
        await FaultAsync(writer);

        var trial = await TrialAsync(writer, () => ai.Calls.Count == 3);
        var refused = await FaultAsync(writer);
        Assert.Equal(("ai-unavailable", 3), (refused.Code, ai.Calls.Count));
        answer.SetResult();
        await trial;

        Assert.Equal(4, (await writer.WriteAsync(Briefs.Coffee)).Count);
        Assert.Single(writer.Log.All, line => line.Contains("The AI answers again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Circuit_WhoseTrialFails_IsOpenAgainAtOnce()
    {
        using var ai = StatusAi.Start(new AiAnswer(500));
        await using var writer = Writer(ai.BaseUrl, failures: 2, breakFor: "00:00:01");
        await FaultAsync(writer);
        await FaultAsync(writer);

        await Assert.ThrowsAsync<WriterException>(async () => await await TrialAsync(writer, () => ai.Calls.Count == 3));
        await FaultAsync(writer);

        Assert.Equal(3, ai.Calls.Count);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(422)]
    public async Task Circuit_OnAnAnswerThatIsOurFault_CountsAnew(int status)
    {
        using var ai = StatusAi.Start(new(500), new(status), new(500), new(status), new(status), AiAnswer.Posts(Texts));
        await using var writer = Writer(ai.BaseUrl, failures: 2);

        for (var call = 0; call < 5; call++)
            await FaultAsync(writer);

        Assert.Equal(4, (await writer.WriteAsync(Briefs.Coffee)).Count);
        Assert.Equal(6, ai.Calls.Count);
    }

    [Fact]
    public async Task Circuit_WhenClientsLeave_DoesNotCount()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Nothing().Stalls());
        await using var writer = Writer(ai.BaseUrl, failures: 2);

        for (var call = 1; call <= 3; call++)
        {
            using var cancel = new CancellationTokenSource();
            var writing = writer.WriteAsync(Briefs.Coffee, cancel.Token);
            await Eventually.TrueAsync("the AI is asked", () => ai.Calls.Count == call);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        }

        ai.Replies(AiReply.Posts(Texts).Finishes());
        Assert.Equal(4, (await writer.WriteAsync(Briefs.Coffee)).Count);
    }

    [Fact]
    public async Task Circuit_WhenTheFactoryRenewsItsHandlers_StaysOpen()
    {
        using var ai = StatusAi.Start(new AiAnswer(500));
        await using var writer = Writer(
            ai.BaseUrl, failures: 1, customise: services => services.Configure<HttpClientFactoryOptions>(
                ChatStream.HttpClient, options => options.HandlerLifetime = TimeSpan.FromSeconds(1)));
        await FaultAsync(writer);
        var handlers = writer.Services.GetRequiredService<IHttpMessageHandlerFactory>();
        var first = handlers.CreateHandler(ChatStream.HttpClient);

        await Eventually.TrueAsync("there is another handler", () => handlers.CreateHandler(ChatStream.HttpClient) != first);
        await FaultAsync(writer);

        Assert.Single(ai.Calls);
    }

    private static WriterUnderTest Writer(
        string baseUrl, int failures, string breakFor = "00:05:00", int retries = 0, Action<IServiceCollection>? customise = null) =>
        WriterUnderTest.OpenAI(
            baseUrl,
            retries,
            new() { ["Writer:OpenAI:CircuitFailures"] = $"{failures}", ["Writer:OpenAI:CircuitBreak"] = breakFor },
            customise);

    private static Task<WriterException> FaultAsync(WriterUnderTest writer) =>
        Assert.ThrowsAsync<WriterException>(() => writer.WriteAsync(Briefs.Coffee));

    /// <summary>The first write after the break that reaches the AI, still going on.</summary>
    private static async Task<Task> TrialAsync(WriterUnderTest writer, Func<bool> tried)
    {
        Task writing = Task.CompletedTask;
        await Eventually.TrueAsync("a call tries", async () =>
        {
            writing = writer.WriteAsync(Briefs.Coffee);
            await Eventually.TrueAsync("it was refused or came to the AI", () => writing.IsCompleted || tried());
            return tried();
        });
        return writing;
    }
}
