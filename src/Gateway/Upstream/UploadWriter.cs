using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gateway.Upstream;

/// <summary>Writes a request's body to its connection, in chunks where its length is not known.</summary>
/// <param name="stop">Nothing more is wanted: what is being written, and what comes then, fails.</param>
/// <param name="drains">After a write that failed, what comes is taken and goes nowhere, until told to stop.</param>
/// <param name="last">Called when the last byte is about to be written; the backend may answer before the write returns.</param>
internal sealed class UploadWriter(Stream connection, long? length, bool chunked, bool drains, Action last, CancellationToken stop) : Stream
{
    private const int ChunkOverhead = 20;
    private static readonly byte[] LastChunk = "0\r\n\r\n"u8.ToArray();

    private long _written;
    private volatile bool _discards;

    /// <summary>A write failed.</summary>
    public bool IsBroken { get; private set; }

    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return;
        _written += buffer.Length;
        if (_written == length && !IsBroken && !_discards)
            last();
        if (!chunked)
        {
            await SendAsync(buffer, cancellationToken);
            return;
        }

        var chunk = ArrayPool<byte>.Shared.Rent(buffer.Length + ChunkOverhead);
        try
        {
            await SendAsync(chunk.AsMemory(0, Frame(buffer.Span, chunk)), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>From here on everything is taken, and goes nowhere, until told to stop.</summary>
    public void Discard() => _discards = true;

    /// <summary>The body is over.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        if (IsBroken || _discards)
            return;
        last();
        if (chunked)
            await SendAsync(LastChunk, cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => connection.FlushAsync(cancellationToken);

    public override void Flush() => connection.Flush();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous writes.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static int Frame(ReadOnlySpan<byte> data, Span<byte> chunk)
    {
        Encoding.ASCII.TryGetBytes(data.Length.ToString("x", CultureInfo.InvariantCulture), chunk, out var at);
        "\r\n"u8.CopyTo(chunk[at..]);
        data.CopyTo(chunk[(at + 2)..]);
        "\r\n"u8.CopyTo(chunk[(at + 2 + data.Length)..]);
        return at + 4 + data.Length;
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            if (_discards)
            {
                stop.ThrowIfCancellationRequested();
                return;
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stop);
            await connection.WriteAsync(bytes, either.Token);
        }
        catch when (drains && !stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            (IsBroken, _discards) = (true, true);
        }
        catch
        {
            IsBroken = true;
            throw;
        }
    }
}
