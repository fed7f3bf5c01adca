using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using WireMock;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
using WireMock.Settings;

namespace Harness;

/// <param name="Receiver">The path that it came to, without slashes around it.</param>
public sealed record WebhookMessage(DateTimeOffset At, string Receiver, JsonElement Body);

/// <summary>Takes whatever is posted as JSON, under any path, and keeps it.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<WebhookMessage> _messages = [];
    private readonly TimeProvider _clock;
    private readonly WireMockServer _server;

    private WebhookReceiver(int port, TimeProvider clock)
    {
        _clock = clock;
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        // What came is kept here, once and parsed; the server's own journal would grow for as long as a drill runs.
        _server = WireMockServer.Start(new WireMockServerSettings { Urls = [url], MaxRequestLogCount = 0 });
        _server.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithCallback(Take));
    }

    public string Url => _server.Url!;

    public IReadOnlyCollection<WebhookMessage> Messages => _messages;

    /// <param name="port">Any free one by default.</param>
    public static WebhookReceiver Start(int port = 0, TimeProvider? clock = null) => new(port, clock ?? TimeProvider.System);

    public ValueTask DisposeAsync()
    {
        _server.Stop();
        _server.Dispose();
        return ValueTask.CompletedTask;
    }

    private ResponseMessage Take(IRequestMessage request)
    {
        using var body = JsonDocument.Parse(request.Body ?? "");
        _messages.Enqueue(new(_clock.GetUtcNow(), request.Path.Trim('/'), body.RootElement.Clone()));
        return new ResponseMessage { StatusCode = 200 };
    }
}
