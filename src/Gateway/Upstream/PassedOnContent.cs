using System.Net;
using System.Runtime.CompilerServices;
using Gateway.Streams;
using Gateway.Wire;

namespace Gateway.Upstream;

/// <summary>
/// The body of a backend's answer on its way to the client. Its head goes out when it comes, and not with the body's first byte, unless
/// both come together. The forwarder opens it when it has copied the head and nobody has withheld the answer.
/// </summary>
internal sealed class PassedOnContent(HttpContent inner, HttpContext context) : HttpContent
{
    /// <summary>The backend's own: to read it sends nothing to the client.</summary>
    public HttpContent Inner => inner;

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
        /// <summary>
        /// For what came before a break to reach the client: the server drops what it has not written yet when it cuts one off, and many
        /// a client what it reads together with a reset.
        /// </summary>
        private static readonly TimeSpan Parting = TimeSpan.FromMilliseconds(50);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = body.ReadAsync(buffer, cancellationToken);
            // An answer without a body also goes out as one piece: gRPC tells its clients an error that way.
            return read.IsCompletedSuccessfully ? read : WaitAsync(read, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                body.Dispose();
            base.Dispose(disposing);
        }

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private async ValueTask<int> WaitAsync(ValueTask<int> read, CancellationToken cancellationToken)
        {
            if (!response.HasStarted && !read.IsCompleted)
                await SendHeadAsync(cancellationToken);
            try
            {
                return await read;
            }
            catch (Exception) when (response.HasStarted && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(Parting, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
        }

        private async ValueTask SendHeadAsync(CancellationToken cancellationToken)
        {
            try
            {
                await response.Body.FlushAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // The client has left; the read is cancelled by the same token, and says so.
            }
        }
    }
}
