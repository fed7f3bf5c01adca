using System.Buffers;
using Gateway.Streams;

namespace Gateway.Fallback;

/// <summary>
/// A request's body that keeps what passes through it, up to a limit, so that it can be read a second time. Nothing is read
/// ahead: the upload still streams.
/// </summary>
internal sealed class ReplayBody(Stream inner, int limit) : ForwardOnlyStream
{
    private byte[]? _kept;
    private int _keptCount;
    private int _replayed;
    private bool _overflowed;

    /// <summary>Everything read so far can be read again.</summary>
    public bool CanReplay => !_overflowed;

    public void Rewind()
    {
        if (_overflowed)
            throw new InvalidOperationException("More was read than was kept.");
        _replayed = 0;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_replayed < _keptCount)
        {
            var again = _kept.AsMemory(_replayed, Math.Min(buffer.Length, _keptCount - _replayed));
            again.CopyTo(buffer);
            _replayed += again.Length;
            return again.Length;
        }

        var read = await inner.ReadAsync(buffer, cancellationToken);
        Keep(buffer.Span[..read]);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _kept is not null)
        {
            ArrayPool<byte>.Shared.Return(_kept);
            _kept = null;
        }

        base.Dispose(disposing);
    }

    private void Keep(ReadOnlySpan<byte> read)
    {
        if (_overflowed || read.IsEmpty)
            return;
        if (_keptCount + read.Length > limit)
        {
            _overflowed = true;
            return;
        }

        if (_kept is null || _kept.Length < _keptCount + read.Length)
        {
            // No more than is needed while the body comes in one piece: behind a stream it is kept for as long as that is open.
            var larger = ArrayPool<byte>.Shared.Rent(Math.Min(limit, Math.Max(2 * _keptCount, _keptCount + read.Length)));
            _kept.AsSpan(0, _keptCount).CopyTo(larger);
            if (_kept is not null)
                ArrayPool<byte>.Shared.Return(_kept);
            _kept = larger;
        }

        read.CopyTo(_kept.AsSpan(_keptCount));
        _keptCount += read.Length;
        _replayed = _keptCount;
    }
}
