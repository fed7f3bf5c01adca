using System.Buffers;
using System.IO.Pipelines;
using Gateway.Listening;

namespace Gateway.Wire;

/// <summary>
/// Passes everything through but a head that no middleware stands behind. Such a head goes out in one flush with nothing
/// else, so all of it can be replaced by <paramref name="answer"/>.
/// </summary>
/// <param name="answer">From the status to the whole answer; null leaves Kestrel's.</param>
internal sealed class BareRefusalWriter(PipeWriter inner, ConnectionPipeline pipeline, Func<int, byte[]?> answer) : PipeWriter
{
    private Memory<byte> _memory;
    private bool _replaced;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _memory = inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (_replaced)
            return; // The rest of a head that was already answered.
        if (pipeline.Stamped)
            pipeline.Stamped = false;
        else if (!pipeline.Running && _memory.Span[..bytes] is var head && head.Length >= 12 && head.StartsWith("HTTP/1.1 "u8)
            && answer(StatusOf(head)) is { } whole)
        {
            _replaced = true;
            inner.Write(whole);
            return;
        }

        inner.Advance(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        _replaced = false;
        return inner.FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    private static int StatusOf(ReadOnlySpan<byte> head)
    {
        var digits = head[9..12];
        return ((digits[0] - '0') * 100) + ((digits[1] - '0') * 10) + (digits[2] - '0');
    }
}
