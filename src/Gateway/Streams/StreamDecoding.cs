using System.IO.Compression;
using System.Net.Http.Headers;
using Gateway.Exchanges;

namespace Gateway.Streams;

/// <summary>
/// A stream that is guarded has to be read, so the gateway asks for it as it is; one that comes encoded all the same is decoded, and the
/// client, who can always take that, gets it so.
/// </summary>
internal static class StreamDecoding
{
    private const string EventStream = "text/event-stream";

    /// <summary>
    /// The answer may be an event stream. A read is a download unless it says otherwise, and downloads stay compressed; anything else may
    /// stream unless it asks for something else.
    /// </summary>
    public static bool MayStream(HttpRequest request)
    {
        if (request.Headers.ContainsKey("Last-Event-ID"))
            return true;
        var accept = request.Headers.Accept.ToString();
        return HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)
            ? accept.Contains(EventStream, StringComparison.OrdinalIgnoreCase)
            : accept.Length == 0 || accept.Contains(EventStream, StringComparison.OrdinalIgnoreCase)
                || accept.Contains("*/*", StringComparison.Ordinal) || accept.Contains("text/*", StringComparison.OrdinalIgnoreCase);
    }

    public static bool IsEventStream(HttpContentHeaders headers) =>
        headers.NonValidated.TryGetValues("Content-Type", out var values)
        && MediaTypeOf(values.ToString()).Equals(EventStream, StringComparison.OrdinalIgnoreCase);

    public static bool IsEncoded(HttpContentHeaders headers) =>
        headers.ContentEncoding.Any(e => !e.Equals("identity", StringComparison.OrdinalIgnoreCase));

    /// <summary>Null when it is encoded in a way that nobody here can read.</summary>
    public static Func<Stream, Stream>? FindDecoder(HttpContentHeaders headers)
    {
        var codings = headers.ContentEncoding.Where(e => !e.Equals("identity", StringComparison.OrdinalIgnoreCase)).ToArray();
        return codings.Length switch
        {
            0 => static stream => stream,
            1 => codings[0].ToLowerInvariant() switch
            {
                "gzip" or "x-gzip" => static stream => new GZipStream(stream, CompressionMode.Decompress),
                "deflate" => static stream => new ZLibStream(stream, CompressionMode.Decompress),
                "br" => static stream => new BrotliStream(stream, CompressionMode.Decompress),
                _ => null,
            },
            _ => null,
        };
    }

    public static bool IsDecoder(Stream stream) => stream is GZipStream or ZLibStream or BrotliStream;

    private static ReadOnlySpan<char> MediaTypeOf(string contentType)
    {
        var semicolon = contentType.AsSpan().IndexOf(';');
        return (semicolon < 0 ? contentType : contentType.AsSpan(0, semicolon)).Trim();
    }
}
