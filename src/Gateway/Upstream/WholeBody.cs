using System.Buffers;

namespace Gateway.Upstream;

/// <summary>
/// A request's body that came with its head: small, of a stated length, and whole. Nobody has to wait for it, so it is sent in one piece
/// with the head, by the HTTP client itself, and as often as need be. Every other body is an <see cref="Upload"/>.
/// </summary>
internal sealed class WholeBody(byte[] bytes) : MemoryStream(bytes, writable: false)
{
    /// <summary>What the client's buffer holds beside a usual head: more would be a write of its own.</summary>
    private const int Most = 3 * 1024;

    private readonly byte[] _bytes = bytes;

    /// <summary>Takes the request's body, if it is one of these; nothing of another one is touched, and nobody waits.</summary>
    /// <param name="limit">What may be kept of a body at all, in bytes.</param>
    public static bool TryTake(HttpRequest request, int limit)
    {
        // Whoever expects 100-continue has not sent it, and would be told to.
        if (request.ContentLength is not (> 0 and <= Most and var length) || length > limit || request.Headers.Expect.Count > 0)
            return false;
        var reader = request.BodyReader;
        try
        {
            if (!reader.TryRead(out var read))
                return false;
            var bytes = read.Buffer.Length == length ? read.Buffer.ToArray() : null;
            reader.AdvanceTo(bytes is null ? read.Buffer.Start : read.Buffer.End);
            if (bytes is not null)
                request.Body = new WholeBody(bytes);
            return bytes is not null;
        }
        catch (BadHttpRequestException)
        {
            return false; // Who reads it next is told the same, and knows what to answer.
        }
    }

    /// <param name="headers">Of the request's own content.</param>
    public HttpContent ToContent(HttpContent headers)
    {
        var content = new ByteArrayContent(_bytes);
        foreach (var (name, values) in headers.Headers.NonValidated)
            content.Headers.TryAddWithoutValidation(name, values);
        return content;
    }
}
