using System.Buffers;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Wire;

/// <summary>What Kestrel lets through of a request's head and this gateway does not pass on.</summary>
internal static class RequestHead
{
    private static readonly SearchValues<char> Control =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (char)c).Where(c => c != '\t'), '\x7f']);

    public static WireFault Check(HttpContext context)
    {
        var request = context.Request;
        // A tunnel through the gateway, or a mirror of headers that the gateway has added: neither is for a client.
        if (HttpMethods.IsTrace(request.Method) || (HttpMethods.IsConnect(request.Method) && !IsWebSocket(context)))
            return WireFault.MethodNotAllowed;
        var framing = CheckFraming(request);
        if (framing != WireFault.None)
            return framing;
        if (request.Headers.Expect is { Count: > 0 } expect && !string.Equals(expect, "100-continue", StringComparison.OrdinalIgnoreCase))
            return WireFault.ExpectationFailed;
        foreach (var (_, values) in request.Headers)
        {
            foreach (var value in values)
            {
                if (value.AsSpan().ContainsAny(Control))
                    return WireFault.HeaderCharacter;
            }
        }

        return WireFault.None;
    }

    /// <summary>RFC 9110 section 7.6.1: what <c>Connection</c> names ends here. Ours are set later, so no client can name them away.</summary>
    public static void RemoveHopByHop(IHeaderDictionary headers)
    {
        headers.Remove("HTTP2-Settings"); // Belongs to an upgrade to h2c, which never passes.
        if (headers.Connection.Count == 0)
            return;
        foreach (var name in headers.GetCommaSeparatedValues("Connection"))
        {
            if (!StaysForTheServer(name))
                headers.Remove(name);
        }
    }

    /// <summary>
    /// Two lengths are two requests in one for whoever believes the other. Kestrel believes the chunks and renames
    /// <c>Content-Length</c> to <c>X-Content-Length</c> without a word to the client.
    /// </summary>
    private static WireFault CheckFraming(HttpRequest request)
    {
        var coding = request.Headers.TransferEncoding;
        if (coding.Count == 0)
            return WireFault.None;
        var legal = request.Protocol == HttpProtocol.Http11
            && coding.Count == 1 && string.Equals(coding, "chunked", StringComparison.OrdinalIgnoreCase)
            && request.Headers.ContentLength is null && !request.Headers.ContainsKey("X-Content-Length");
        return legal ? WireFault.None : WireFault.RequestFraming;
    }

    private static bool StaysForTheServer(string name) =>
        name.Equals("Host", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Connection", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase);

    private static bool IsWebSocket(HttpContext context) =>
        context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" };
}
