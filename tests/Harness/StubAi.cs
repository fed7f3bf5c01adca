using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Harness;

/// <summary>An AI endpoint that speaks the real wire protocol of streamed chat completions, and can misbehave.</summary>
public sealed class StubAi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<AiReply> _replies = new();
    private readonly ConcurrentQueue<AiCall> _calls = new();
    private AiReply _last = AiReply.Status(500);
    private int _open;

    private StubAi(WebApplication app) => _app = app;

    /// <summary>For <c>Writer:OpenAI:BaseUrl</c>.</summary>
    public string BaseUrl => $"{_app.Urls.First()}/v1";

    public IReadOnlyCollection<AiCall> Calls => _calls;

    /// <summary>Calls that are being answered at this moment.</summary>
    public int Open => Volatile.Read(ref _open);

    public static async Task<StubAi> StartAsync(params AiReply[] replies)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var stub = new StubAi(app);
        stub.Replies(replies);
        app.MapPost("/v1/chat/completions", stub.AnswerAsync);
        await app.StartAsync();
        return stub;
    }

    /// <summary>How the next calls are answered, one each; the last one answers all that follow.</summary>
    public StubAi Replies(params AiReply[] replies)
    {
        foreach (var reply in replies)
            _replies.Enqueue(reply);
        return this;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _open);
        try
        {
            using var reader = new StreamReader(context.Request.Body);
            _calls.Enqueue(new AiCall(context.Request.Headers.Authorization.ToString(), await reader.ReadToEndAsync()));
            if (_replies.TryDequeue(out var reply))
                _last = reply;
            using var gone = CancellationTokenSource.CreateLinkedTokenSource(
                context.RequestAborted, _app.Lifetime.ApplicationStopping);
            await _last.PlayAsync(context, gone.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            context.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}

public sealed record AiCall(string Authorization, string Body);

/// <summary>One answer, step by step: <c>AiReply.Says("…").Finishes()</c>.</summary>
public sealed class AiReply
{
    private delegate Task Step(HttpContext context, CancellationToken gone);

    private readonly List<Step> _steps = [];
    private readonly int _status;
    private readonly string? _retryAfter;
    private int _split = int.MaxValue;

    private AiReply(int status, string? retryAfter = null) => (_status, _retryAfter) = (status, retryAfter);

    /// <summary>An answer that is no stream.</summary>
    public static AiReply Status(int status, string body = "{}", string? retryAfter = null) =>
        new AiReply(status, retryAfter).Raw(body);

    public static AiReply Nothing() => new(200);

    /// <summary>Text in pieces of a few characters, as tokens come.</summary>
    public static AiReply Says(string text) => Nothing().Then(text);

    /// <summary>One well-formed line a post.</summary>
    public static AiReply Posts(params string[] texts) =>
        Says(string.Concat(texts.Select(t => JsonSerializer.Serialize(new { text = t, tags = new[] { "tag" } }) + "\n")));

    public AiReply Then(string text)
    {
        const int Token = 5;
        for (var at = 0; at < text.Length; at += Token)
            Chunk(new { content = text.Substring(at, Math.Min(Token, text.Length - at)) }, null);
        return this;
    }

    public AiReply Refuses(string words) => Chunk(new { refusal = words }, null).Finishes();

    public AiReply Finishes(string reason = "stop") => Chunk(new { }, reason).Raw("data: [DONE]\n\n");

    /// <summary>Bytes as they are, protocol or not.</summary>
    public AiReply Raw(string bytes) => Do((context, gone) => WriteAsync(context, Encoding.UTF8.GetBytes(bytes), gone));

    /// <summary>Silence until the client goes away.</summary>
    public AiReply Stalls() => Do((_, gone) => Task.Delay(Timeout.Infinite, gone));

    /// <summary>Holds back what follows until the test says so.</summary>
    public AiReply WaitsFor(Task signal) => Do((_, gone) => signal.WaitAsync(gone));

    /// <summary>A TCP reset.</summary>
    public AiReply Resets() => Do((context, _) =>
    {
        context.Features.Get<IConnectionSocketFeature>()!.Socket.LingerState = new(true, 0);
        context.Abort();
        return Task.CompletedTask;
    });

    /// <summary>Everything in writes of so many bytes, through the middle of frames and characters.</summary>
    public AiReply SplitEvery(int bytes)
    {
        _split = bytes;
        return this;
    }

    internal async Task PlayAsync(HttpContext context, CancellationToken gone)
    {
        context.Response.StatusCode = _status;
        context.Response.ContentType = _status == 200 ? "text/event-stream" : "application/json";
        if (_retryAfter is not null)
            context.Response.Headers.RetryAfter = _retryAfter;
        foreach (var step in _steps)
            await step(context, gone);
    }

    private AiReply Chunk(object delta, string? finish) => Raw("data: " + JsonSerializer.Serialize(new
    {
        id = "chatcmpl-1",
        @object = "chat.completion.chunk",
        created = 1_700_000_000,
        model = "stub",
        choices = new[] { new { index = 0, delta, finish_reason = finish } },
    }) + "\n\n");

    private AiReply Do(Step step)
    {
        _steps.Add(step);
        return this;
    }

    private async Task WriteAsync(HttpContext context, byte[] bytes, CancellationToken gone)
    {
        for (var at = 0; at < bytes.Length; at += Math.Min(_split, bytes.Length - at))
        {
            await context.Response.Body.WriteAsync(bytes.AsMemory(at, Math.Min(_split, bytes.Length - at)), gone);
            await context.Response.Body.FlushAsync(gone);
        }
    }
}
