using System.Net;
using Gateway.Streams;
using Gateway.Wire;

namespace Gateway.Upstream;

/// <summary>
/// The body of a backend's answer on its way to the client. Its head goes out when it comes, and not with the body's first byte, unless
/// both come together. The forwarder opens it when it has copied the head and nobody has withheld the answer.
/// </summary>
internal sealed class PassedOnContent(HttpContent inner, HttpContext context) : HttpContent
{
    protected override async Task<Stream> CreateContentReadStreamAsync()
    {
        var body = await inner.ReadAsStreamAsync(context.RequestAborted);
        ChunkedAnswer.FrameIfTrailersAreAnnounced(context);
        return new HeadFirstStream(body, context.Response);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => inner.CopyToAsync(stream);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private sealed class HeadFirstStream(Stream body, HttpResponse response) : ForwardOnlyStream
    {
        private bool _read;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = body.ReadAsync(buffer, cancellationToken);
            if (_read || read.IsCompleted || response.HasStarted)
                return read; // An answer without a body also goes out as one piece: gRPC tells its clients an error that way.
            _read = true;
            return SendHeadAsync(read, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                body.Dispose();
            base.Dispose(disposing);
        }

        private async ValueTask<int> SendHeadAsync(ValueTask<int> read, CancellationToken cancellationToken)
        {
            try
            {
                await response.Body.FlushAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // The client has left; the read is cancelled by the same token, and says so.
            }

            return await read;
        }
    }
}
