using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Gateway.Upstream;

/// <summary>
/// An HTTP/1.1 connection to a backend on which the answer can be read while the upload is still being written. The client underneath
/// writes a body to its end before it reads, and drops the connection, with the answer that is waiting in it, when a write fails: an early
/// 401 or 413 would be lost. So the client gets to write a stand-in that goes nowhere, and the <see cref="Upload"/> writes the body here.
/// <para>
/// And one on which a kept connection that the backend gave up at the same moment ends, however it did so. The client sends a harmless
/// request again on another connection after an end, but not after a reset, which is what comes when the request crossed with the close.
/// </para>
/// </summary>
internal sealed class BackendConnection(Stream inner) : Stream
{
    private Upload? _upload;
    private long _standIn;
    private volatile bool _hasAnswered;

    /// <summary>A request without a body was written on a connection that had served others, and no byte came in answer.</summary>
    private volatile bool _mayBeStale;

    /// <summary>Where the body is written.</summary>
    public Stream Inner => inner;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <param name="standIn">How many bytes the client is about to write in the body's place.</param>
    public void Begin(Upload upload, long standIn) => (_upload, _standIn) = (upload, standIn);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_upload is { } upload)
        {
            if (buffer.Length <= _standIn)
            {
                _standIn -= buffer.Length;
                return default;
            }

            // The next request on this connection. The answer to the last one came and the rest of its body is still on its way.
            if (!upload.IsSent)
                return ValueTask.FromException(new ConnectionTakenException());
            _upload = null;
        }

        var uploading = Upload.Current;
        uploading?.Connection = this;
        // Without an upload whatever is written is a head.
        _mayBeStale = uploading is null && _hasAnswered;
        var written = inner.WriteAsync(buffer, cancellationToken);
        return _mayBeStale && !written.IsCompletedSuccessfully ? WaitForStaleAsync(written) : written;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous writes.");

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            if (read > 0)
                (_hasAnswered, _mayBeStale) = (true, false);
            return read;
        }
        catch (IOException reset) when (_mayBeStale && reset.GetBaseException() is SocketException)
        {
            return 0;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>That the backend is gone is learned from the reading that follows.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask WaitForStaleAsync(ValueTask written)
    {
        try
        {
            await written;
        }
        catch (IOException reset) when (reset.GetBaseException() is SocketException)
        {
        }
    }
}

/// <summary>Nothing of the request was written: it may be sent on another connection, whatever its method.</summary>
internal sealed class ConnectionTakenException() : IOException("The connection still carries another request's body.");
