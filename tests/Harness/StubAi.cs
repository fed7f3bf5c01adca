using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Harness;

/// <summary>
/// An AI endpoint that streams a chat completion by hand. Not WireMock, which cannot reset, cut bytes anywhere or see a client leave; whole
/// answers, such as a status, are <see cref="StatusAi"/>'s.
/// </summary>
public sealed class StubAi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<AiReply> _replies = new();
    private readonly ConcurrentQueue<AiCall> _calls = new();
    private AiReply _last = AiReply.Nothing();
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
    private int _split = int.MaxValue;

    private AiReply()
    {
    }

    public static AiReply Nothing() => new();

    /// <summary>Text in pieces of a few characters, as tokens come.</summary>
    public static AiReply Says(string text) => Nothing().Then(text);

    /// <summary>One well-formed line a post.</summary>
    public static AiReply Posts(params string[] texts) => Says(AiFrames.Posts(texts));

    public AiReply Then(string text)
    {
        foreach (var frame in AiFrames.Text(text))
            Raw(frame);
        return this;
    }

    public AiReply Refuses(string words) => Raw(AiFrames.Refusal(words)).Finishes();

    public AiReply Finishes(string reason = "stop") => Raw(AiFrames.End(reason));

    /// <summary>Bytes as they are, protocol or not.</summary>
    public AiReply Raw(string bytes) => Raw(Encoding.UTF8.GetBytes(bytes));

    public AiReply Raw(byte[] bytes) => Do((context, gone) => WriteAsync(context, bytes, gone));

    /// <summary>Each of these texts in a frame of its own.</summary>
    public AiReply Pieces(params string[] texts)
    {
        foreach (var text in texts)
            Raw(AiFrames.Piece(text));
        return this;
    }

    /// <summary>An error's head and body, instead of a stream.</summary>
    public static AiReply Answers(int status, string body, params (string Name, string Value)[] headers) => Nothing().Do((context, _) =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = body.StartsWith('<') ? "text/html" : "application/json";
        foreach (var (name, value) in headers)
            context.Response.Headers[name] = value;
        return Task.CompletedTask;
    }).Raw(body);

    /// <summary>A whole stream under a <c>Content-Encoding</c>.</summary>
    public static AiReply Packed(string coding, byte[] bytes) => Nothing().Do((context, _) =>
    {
        context.Response.Headers.ContentEncoding = coding;
        return Task.CompletedTask;
    }).Raw(bytes);

    /// <summary>Silence until the client goes away.</summary>
    public AiReply Stalls() => Do((_, gone) => Task.Delay(Timeout.Infinite, gone));

    /// <summary>Holds back what follows until the test says so.</summary>
    public AiReply WaitsFor(Task signal) => Do((_, gone) => signal.WaitAsync(gone));

    public AiReply WaitsForAMoment(TimeSpan time) => Do((_, gone) => Task.Delay(time, gone));

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
        context.Response.ContentType = "text/event-stream";
        foreach (var step in _steps)
            await step(context, gone);
    }

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
