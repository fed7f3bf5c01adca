using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using Harness.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Harness;

/// <summary>
/// A backend on loopback that records what it is asked and answers as told. It can also refuse (<see cref="StopAsync"/>), reset,
/// stall and truncate, which a mocked client cannot. Health probes are answered apart and never recorded.
/// Not WireMock, which cannot reset, keep a Content-Length, send trailers by the step, speak WebSockets or see a client leave.
/// </summary>
public sealed class StubBackend : IAsyncDisposable
{
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();
    private readonly HttpProtocols _protocols;
    private WebApplication? _app;
    private int _port;
    private int _probes;
    private volatile RequestDelegate _answer;

    private StubBackend(string name, HttpProtocols protocols)
    {
        (Name, _protocols) = (name, protocols);
        _answer = context => context.Response.WriteAsync(name);
    }

    public string Name { get; }

    public Uri Address => new($"http://127.0.0.1:{_port}");

    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    /// <summary>Health probes answered so far.</summary>
    public int Probes => _probes;

    /// <summary>What a health probe is answered.</summary>
    public int HealthStatus { get; set; } = StatusCodes.Status200OK;

    /// <summary>What each health probe is answered, for a backend that cannot make up its mind.</summary>
    public Func<int>? HealthAnswer { get; set; }

    /// <summary>What a health probe hears of a spool; nothing when null.</summary>
    public string? SpoolDepth { get; set; }

    /// <summary>How long a health probe waits for its answer.</summary>
    public TimeSpan HealthDelay { get; set; }

    /// <summary>Whether the body is read to its end before the answer; off for tests that watch an upload arrive.</summary>
    public bool ReadsBody { get; set; } = true;

    /// <summary>Answers 200 with its own name until told otherwise.</summary>
    public static async Task<StubBackend> StartAsync(string name = "stub", HttpProtocols protocols = HttpProtocols.Http1)
    {
        var backend = new StubBackend(name, protocols);
        await backend.StartAsync();
        return backend;
    }

    /// <summary>Starts again, on the same port.</summary>
    public async Task StartAsync()
    {
        // Empty: a watched settings file a stub would use up the machine's inotify instances.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxRequestHeadersTotalSize = 256 * 1024;
            kestrel.ResponseHeaderEncodingSelector = static _ => System.Text.Encoding.UTF8;
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, _port, listen => listen.Protocols = _protocols);
        });
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(ServeAsync);
        await _app.StartAsync();
        _port = new Uri(
            _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()).Port;
        OwnPorts.Claim(_port);
    }

    /// <summary>Cuts every connection and refuses new ones.</summary>
    public async Task StopAsync()
    {
        if (_app is not { } app)
            return;
        _app = null;
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }

    public void Answers(RequestDelegate answer) => _answer = answer;

    public void Answers(int status, string body = "", string? contentType = "text/plain", params (string Name, string Value)[] headers) =>
        Answers(context =>
        {
            context.Response.StatusCode = status;
            if (body.Length > 0)
                context.Response.ContentType = contentType;
            foreach (var (name, value) in headers)
                context.Response.Headers.Append(name, value);
            return body.Length == 0 ? Task.CompletedTask : context.Response.WriteAsync(body);
        });

    /// <summary>Reads the request and resets the connection instead of answering.</summary>
    public void Resets() => Answers(context =>
    {
        context.Abort();
        return Task.CompletedTask;
    });

    /// <summary>Never answers; the asker has to lose patience.</summary>
    public void Stalls() =>
        Answers(context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));

    /// <summary>The next requests get one body, sent step by step.</summary>
    public StepwiseBody Streams(string contentType = "text/event-stream; charset=utf-8", params (string Name, string Value)[] headers)
    {
        var stream = new StepwiseBody();
        Answers(context =>
        {
            context.Response.ContentType = contentType;
            foreach (var (name, value) in headers)
                context.Response.Headers.Append(name, value);
            return stream.PumpAsync(context);
        });
        return stream;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task ServeAsync(HttpContext context)
    {
        if (context.Request.Headers.UserAgent.ToString().Contains("Health Check", StringComparison.OrdinalIgnoreCase))
        {
            Interlocked.Increment(ref _probes);
            if (HealthDelay > TimeSpan.Zero)
                await Task.Delay(HealthDelay, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            context.Response.StatusCode = HealthAnswer?.Invoke() ?? HealthStatus;
            context.Response.Headers["X-Spool-Depth"] = SpoolDepth;
            return;
        }

        using var body = new MemoryStream();
        if (ReadsBody && !context.WebSockets.IsWebSocketRequest)
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        _requests.Enqueue(RecordedRequest.Of(context, target, body.ToArray()));

        if (context.WebSockets.IsWebSocketRequest)
            await EchoAsync(await context.WebSockets.AcceptWebSocketAsync(), context.RequestAborted);
        else
            await _answer(context);
    }

    private static async Task EchoAsync(WebSocket socket, CancellationToken cancel)
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), cancel);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", cancel);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, cancel);
        }
    }
}
