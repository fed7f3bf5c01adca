using Gateway.Decisions;
using Gateway.Exchanges;
using Gateway.Upstream;
using Microsoft.Extensions.Primitives;

namespace Gateway.Fallback;

/// <summary>
/// The first 404 of a request of which the next link is being asked (<c>FallbackOn</c>). Unless somebody further on has what was asked
/// for, the client gets it after all: as it came, if its body is small. It is a feature of the request, so that others pay nothing.
/// </summary>
internal sealed class HeldNotFound
{
    /// <summary>Of its body, in bytes: a page of words and not what makes it pretty.</summary>
    private const int Most = 16 * 1024;

    /// <summary>For its body to come. Who is not done by then may be sending for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly KeyValuePair<string, StringValues>[] _headers;
    private readonly byte[]? _body;
    private readonly (string ServedBy, RouteReason Reason, string? ProxyStatus) _account;

    private HeldNotFound(HttpContext context, Exchange exchange, byte[]? body)
    {
        // Nothing announces trailers that are not kept.
        _headers = [.. context.Response.Headers.Where(header => !header.Key.Equals("Trailer", StringComparison.OrdinalIgnoreCase))];
        _body = body;
        _account = (exchange.ServedBy, exchange.Reason, exchange.ProxyStatus);
    }

    public static HeldNotFound? Find(HttpContext context, RoutePolicy route) =>
        route.AsksOnWhenNotFound ? context.Features.Get<HeldNotFound>() : null;

    /// <summary>Who can be asked what another one does not have. A dry-run would find anything, and nobody is a last resort here.</summary>
    public static bool MayAsk(Decision next) =>
        next is { HasBackend: true, Backend.IsDryRun: false, Reason: not RouteReason.LastResort };

    /// <summary>Once the forwarder has copied the head into the client's.</summary>
    public static async ValueTask HoldAsync(HttpContext context, Exchange exchange, HttpResponseMessage response)
    {
        var body = HttpMethods.IsHead(context.Request.Method) ? [] : await ReadAsync(context, exchange, response);
        context.Features.Set(new HeldNotFound(context, exchange, body));
    }

    /// <summary>The client's answer, after everything that was asked since.</summary>
    public Task GiveBackAsync(HttpContext context, Exchange exchange)
    {
        exchange.Stream = null;
        (exchange.ServedBy, exchange.Reason, exchange.ProxyStatus) = _account;
        var response = context.Response;
        response.Clear();
        if (_body is null)
            return Refusal.NowhereFoundAsync(context, exchange);
        response.StatusCode = StatusCodes.Status404NotFound;
        foreach (var (name, values) in _headers)
            response.Headers[name] = values;
        return _body.Length == 0 ? Task.CompletedTask : response.Body.WriteAsync(_body, context.RequestAborted).AsTask();
    }

    /// <returns>Null for what is too long, comes too slowly or breaks off.</returns>
    private static async Task<byte[]?> ReadAsync(HttpContext context, Exchange exchange, HttpResponseMessage response)
    {
        if (exchange.Stream is not null || response.Content.Headers.ContentLength > Most)
            return null;
        // Read past the one that sends the head to the client when it has to wait.
        var content = response.Content is PassedOnContent passed ? passed.Inner : response.Content;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(Patience);
        try
        {
            var buffer = new byte[Most + 1];
            var stream = await content.ReadAsStreamAsync(patience.Token);
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, patience.Token);
            return length > Most ? null : buffer[..length];
        }
        catch (Exception error) when (error is OperationCanceledException or HttpRequestException or IOException)
        {
            return null;
        }
    }
}
