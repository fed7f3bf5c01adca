using System.Net;
using Gateway.Exchanges;
using Gateway.Shutdown;

namespace Gateway.Streams;

/// <summary>Upgraded connections, WebSockets foremost: they count among the streams, and have an end when the gateway stops.</summary>
internal sealed class Upgrades(Drain drain)
{
    private const string WebSocket = "websocket";

    /// <summary>HTTP/1.1 switches protocols; HTTP/2 accepts an extended CONNECT.</summary>
    public static bool IsOne(HttpRequestMessage request, HttpResponseMessage response) =>
        (response.StatusCode == HttpStatusCode.SwitchingProtocols && request.Headers.NonValidated.Contains("Upgrade"))
        || (request.Headers.Protocol is not null && response.StatusCode == HttpStatusCode.OK);

    /// <summary>One that has no room is refused before its head is passed on.</summary>
    public async Task TakeAsync(
        HttpRequestMessage request, HttpResponseMessage response, HttpContext context, CancellationToken cancellationToken)
    {
        if (!context.GetExchange().Try!.TryBecomeStream())
            return;
        var backend = await response.Content.ReadAsStreamAsync(cancellationToken);
        var upgraded = new UpgradedContent(new UpgradedStream(backend, IsWebSocket(request, response), drain.StreamsEnd));
        foreach (var (name, values) in response.Content.Headers.NonValidated)
            upgraded.Headers.TryAddWithoutValidation(name, values);
        response.Content = upgraded;
    }

    private static bool IsWebSocket(HttpRequestMessage request, HttpResponseMessage response) =>
        WebSocket.Equals(request.Headers.Protocol, StringComparison.OrdinalIgnoreCase)
        || response.Headers.Upgrade.Any(u => WebSocket.Equals(u.Name, StringComparison.OrdinalIgnoreCase));

    /// <summary>A StreamContent's stream can only be read.</summary>
    private sealed class UpgradedContent(UpgradedStream stream) : HttpContent
    {
        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(stream);

        protected override Task SerializeToStreamAsync(Stream target, TransportContext? context) => throw new NotSupportedException();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                stream.Dispose();
            base.Dispose(disposing);
        }
    }
}
