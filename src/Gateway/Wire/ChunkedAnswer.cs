using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace Gateway.Wire;

/// <summary>
/// An HTTP/1.1 answer with trailers. Kestrel writes none over HTTP/1.1, but leaves the chunks to whoever sets <c>Transfer-Encoding</c>, and
/// the last chunk is where trailers stand (RFC 9112 section 7.1.2). HTTP/2 has them in Kestrel.
/// </summary>
internal sealed class ChunkedAnswer : Stream, IHttpResponseTrailersFeature
{
    private readonly PipeWriter _output;

    private ChunkedAnswer(PipeWriter output) => _output = output;

    public IHeaderDictionary Trailers { get; set; } = new HeaderDictionary();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The head is complete and has not been sent. Where trailers cannot follow, they are not announced.</summary>
    public static void FrameIfTrailersAreAnnounced(HttpContext context)
    {
        var headers = context.Response.Headers;
        if (headers.Trailer.Count == 0 || context.Features.Get<IHttpResponseTrailersFeature>() is not null)
            return;
        if (context.Request.Protocol != HttpProtocol.Http11 || headers.ContentLength is not null)
        {
            headers.Remove("Trailer");
            return;
        }

        headers.TransferEncoding = "chunked";
        var answer = new ChunkedAnswer(context.Response.BodyWriter);
        context.Response.Body = answer;
        context.Features.Set<IHttpResponseTrailersFeature>(answer);
    }

    /// <summary>The trailers are all there.</summary>
    public static Task EndAsync(HttpContext context) => context.Response.Headers.Trailer.Count > 0
        && context.Features.Get<IHttpResponseTrailersFeature>() is ChunkedAnswer answer ? answer.EndAsync() : Task.CompletedTask;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return default; // A chunk of no bytes would be the last one.
        _output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{buffer.Length:X}\r\n")));
        _output.Write(buffer.Span);
        _output.Write("\r\n"u8);
        return new(FlushAsync(cancellationToken));
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task FlushAsync(CancellationToken cancellationToken) => await _output.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async Task EndAsync()
    {
        var end = new StringBuilder("0\r\n");
        foreach (var (name, values) in Trailers)
        {
            // RFC 9110 section 6.5.1: what says where a message ends, or how it is to be read, is too late here.
            if (AnswerHead.IsForbiddenInTrailers(name))
                continue;
            foreach (var value in values)
                end.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        _output.Write(Encoding.Latin1.GetBytes(end.Append("\r\n").ToString()));
        await _output.FlushAsync();
    }
}
