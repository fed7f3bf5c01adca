using System.Buffers;
using System.IO.Pipelines;

namespace Gateway.Wire;

/// <summary>
/// Passes everything through, but for one head that Kestrel is about to write by itself: in its place goes an answer that was given
/// beforehand. Such a head goes out in one flush with nothing else.
/// </summary>
internal sealed class RefusalWriter(PipeWriter inner) : PipeWriter
{
    private byte[]? _answer;
    private Memory<byte> _memory;
    private bool _replacing;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    /// <param name="answer">Head and body.</param>
    public void ReplaceNextHead(byte[] answer) => _answer = answer;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        var memory = inner.GetMemory(sizeHint);
        if (_answer is not null)
            _memory = memory;
        return memory;
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (_answer is null)
        {
            inner.Advance(bytes);
        }
        else if (_replacing || "HTTP/1.1 "u8.StartsWith(_memory.Span[..Math.Min(bytes, 9)]))
        {
            _replacing = true; // Not advanced: what was written here is overwritten.
        }
        else
        {
            _answer = null; // The frames with which Kestrel tells an HTTP/2 client that it is at the wrong door.
            inner.Advance(bytes);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_replacing)
        {
            inner.Write(_answer);
            (_answer, _memory, _replacing) = (null, default, false);
        }

        return inner.FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
}
