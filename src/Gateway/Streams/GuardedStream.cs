using System.Buffers;
using System.Globalization;
using System.Text;
using Gateway.Exchanges;
using ServiceDefaults.Wire;

namespace Gateway.Streams;

/// <summary>
/// An upstream's event stream that always ends in a terminal frame. It sits on the upstream's side of the forwarder, which then
/// sees an ordinary end of the body and never aborts the client.
/// </summary>
/// <param name="terminal">What the gateway knows for a <c>done</c> of its own.</param>
/// <param name="open">Sends the head of the answer on: the client learns at once that its stream is open, however late the first
/// event.</param>
/// <param name="end">Ends the stream from our side.</param>
internal sealed class GuardedStream(
    Stream upstream, StreamMonitor monitor, StreamTerminal terminal, TimeSpan idleLimit, TimeProvider clock,
    Func<CancellationToken, Task> open, CancellationToken end) : ForwardOnlyStream
{
    private readonly CancellationTokenSource _idle = new(Timeout.InfiniteTimeSpan, clock);
    private ReadOnlyMemory<byte> _epilogue;
    private bool _opened;
    private bool _upstreamEnded;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_opened)
        {
            // Not earlier: the forwarder reads for the first time when it has copied the headers.
            _opened = true;
            await open(cancellationToken);
        }

        if (!_upstreamEnded && await ReadUpstreamAsync(buffer, cancellationToken) is var read and > 0)
            return read;
        if (buffer.IsEmpty)
            return 0; // The forwarder waits with empty reads before it rents a buffer.
        var part = _epilogue[..Math.Min(buffer.Length, _epilogue.Length)];
        part.CopyTo(buffer);
        _epilogue = _epilogue[part.Length..];
        return part.Length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            upstream.Dispose();
            _idle.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>0 when the upstream has ended, by whatever cause; then the epilogue is ready.</summary>
    private async ValueTask<int> ReadUpstreamAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        StreamFault fault;
        try
        {
            _idle.CancelAfter(idleLimit);
            var read = await ReadOnceAsync(buffer, cancellationToken);
            _idle.CancelAfter(Timeout.InfiniteTimeSpan);
            // The forwarder waits for data with an empty buffer before it rents one: that 0 is no end.
            if (read > 0 || buffer.IsEmpty)
            {
                monitor.Observe(buffer.Span[..read]);
                return read;
            }

            fault = StreamFault.Truncated;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            fault = StreamFault.Stopping;
        }
        catch (OperationCanceledException) when (_idle.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            fault = StreamFault.Idle;
        }
        catch (Exception error) when (error is (IOException or HttpRequestException) && !cancellationToken.IsCancellationRequested)
        {
            fault = StreamFault.Reset;
        }

        _upstreamEnded = true;
        if (monitor.Outcome is null)
            _epilogue = terminal.Compose(monitor, fault);
        return 0;
    }

    private async ValueTask<int> ReadOnceAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        // The forwarder passes one token for the whole body, so the link is cheap next to a network read.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _idle.Token, end);
        return await upstream.ReadAsync(buffer, either.Token);
    }
}

/// <summary>Why an upstream's stream ended without a terminal frame.</summary>
internal enum StreamFault
{
    Reset,
    Idle,
    Truncated,

    /// <summary>The gateway itself is shutting down.</summary>
    Stopping,
}

/// <summary>Composes the frames with which the gateway ends a stream that its upstream left open (docs/contract.md section 6).</summary>
internal sealed record StreamTerminal(string RequestId, string? CalendarId, string? RunId, long StartedAt, TimeProvider Clock)
{
    public ReadOnlyMemory<byte> Compose(StreamMonitor monitor, StreamFault fault)
    {
        var (code, message, outcome) = fault switch
        {
            StreamFault.Idle => ("upstream_idle", "The service fell silent.", StreamOutcome.Idle),
            StreamFault.Stopping => ("gateway_stopping", "The gateway is shutting down.", StreamOutcome.Error),
            StreamFault.Reset => ("upstream_reset", "The connection to the service broke.", StreamOutcome.Error),
            _ => ("upstream_truncated", "The service ended the stream early.", StreamOutcome.Truncated),
        };
        var frames = new ArrayBufferWriter<byte>();
        if (monitor.InFrame)
            CloseHalfFrame(frames, monitor);

        message += " What was generated so far is saved by the service; follow the run to see how it ended.";
        StreamFrameWriter.WriteUnnumbered(frames, new ErrorFrame(monitor.LastSeq + 1, code, message, RequestId));
        StreamFrameWriter.WriteUnnumbered(frames, new DoneFrame(
            monitor.LastSeq + 2, "error", Partial: true, message, monitor.Entries, CalendarId, RunId, RequestId,
            (long)Clock.GetElapsedTime(StartedAt).TotalMilliseconds, DryRun: false));
        monitor.End(outcome);
        return frames.WrittenMemory;
    }

    /// <summary>
    /// A blank line alone would dispatch the half frame as if it were whole. The last <c>event</c> and <c>id</c> of a frame win,
    /// so the half frame becomes an event that nobody listens for, and a half-written id does not become the client's Last-Event-ID.
    /// </summary>
    private static void CloseHalfFrame(ArrayBufferWriter<byte> frames, StreamMonitor monitor) =>
        Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{(monitor.InLine ? "\n" : "")}event: truncated\nid: {monitor.LastId}\n\n"),
            frames);
}
