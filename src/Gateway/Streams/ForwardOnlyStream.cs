namespace Gateway.Streams;

/// <summary>What every body that is read once, forward and asynchronously, refuses to do.</summary>
internal abstract class ForwardOnlyStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    /// <summary>Hands out what is left to say; nothing to an empty buffer, with which the forwarder waits before it rents one.</summary>
    protected static int Take(ref ReadOnlyMemory<byte> rest, Memory<byte> buffer)
    {
        var part = rest[..Math.Min(buffer.Length, rest.Length)];
        part.CopyTo(buffer);
        rest = rest[part.Length..];
        return part.Length;
    }
}
