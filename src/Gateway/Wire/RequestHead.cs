using System.Buffers;
using System.Collections.Frozen;
using Gateway.Exchanges;

namespace Gateway.Wire;

/// <summary>What Kestrel lets through of a request's head and this gateway does not pass on.</summary>
internal static class RequestHead
{
    private static readonly SearchValues<char> Control =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (char)c).Where(c => c != '\t'), '\x7f']);

    /// <summary>RFC 9110 section 5.6.2. Kestrel lets slashes, parentheses and quotes through in a name.</summary>
    private static readonly SearchValues<char> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly FrozenSet<string> ReadHere = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Host", "Connection", "Upgrade", "Content-Length", "Transfer-Encoding", "Authorization",
        CallerHeaders.User, CallerHeaders.Groups);

    public static bool IsToken(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Token);

    /// <param name="hasUnderscore">In a header's name, which some servers read as a dash.</param>
    public static WireFault Check(HttpContext context, out bool hasUnderscore)
    {
        hasUnderscore = false;
        var request = context.Request;
        // A tunnel through the gateway, or a mirror of headers that the gateway has added: neither is for a client.
        if (HttpMethods.IsTrace(request.Method) || (HttpMethods.IsConnect(request.Method) && !IsWebSocket(context)))
            return WireFault.MethodNotAllowed;
        var framing = CheckFraming(request);
        if (framing != WireFault.None)
            return framing;
        if (request.Headers.Expect is { Count: > 0 } expect && !string.Equals(expect, "100-continue", StringComparison.OrdinalIgnoreCase))
            return WireFault.ExpectationFailed;
        foreach (var (name, values) in request.Headers)
        {
            hasUnderscore |= name.Contains('_');
            if (!IsToken(name) && name[0] != ':') // HTTP/2's own begin with a colon.
                return WireFault.HeaderCharacter;
            foreach (var value in values)
            {
                if (value.AsSpan().ContainsAny(Control))
                    return WireFault.HeaderCharacter;
            }
        }

        return WireFault.None;
    }

    /// <summary>
    /// RFC 9110 section 7.6.1: what <c>Connection</c> names ends here. Ours are set later, so no client can name them away.
    /// Beside close, keep-alive or upgrade Kestrel drops the other names; such a header then travels on, which harms nobody.
    /// </summary>
    public static void RemoveHopByHop(IHeaderDictionary headers)
    {
        headers.Remove("HTTP2-Settings"); // Belongs to an upgrade to h2c, which never passes.
        if (headers.Connection.Count == 0)
            return;
        foreach (var name in headers.GetCommaSeparatedValues("Connection"))
        {
            if (!IsReadHere(name))
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

    /// <summary>
    /// What this gateway itself goes by: a client that names it in <c>Connection </c> does not talk a trusted peer's word away.
    /// </summary>
    private static bool IsReadHere(string name) => ReadHere.Contains(name)
        || name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase);

    private static bool IsWebSocket(HttpContext context) =>
        context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" };
}
