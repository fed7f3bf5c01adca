using Gateway.Exchanges;

namespace Gateway.Streams;

/// <summary>
/// An upstream's event stream. One that is judged always ends in a terminal frame: this sits on the upstream's side of the forwarder,
/// which then sees an ordinary end of the body and never aborts the client. Any other ends as its sender ends it, a reset as a reset.
/// </summary>
/// <param name="terminal">What the gateway knows for a <c>done</c> of its own.</param>
/// <param name="idleLimit">Silence that ends it; infinite where it may be silent for ever.</param>
/// <param name="open">Asked once, before the first byte: the forwarder has copied the headers.</param>
/// <param name="end">Ends the stream from our side.</param>
internal sealed class GuardedStream(
    Stream upstream, StreamMonitor monitor, StreamTerminal terminal, TimeSpan idleLimit, TimeProvider clock,
    Func<CancellationToken, Task> open, CancellationToken end) : ForwardOnlyStream
{
    private readonly CancellationTokenSource _idle = new(Timeout.InfiniteTimeSpan, clock);

    /// <summary>An empty read of a decoder says nothing about its data.</summary>
    private readonly bool _waits = !StreamDecoding.IsDecoder(upstream);

    private ReadOnlyMemory<byte> _epilogue;
    private bool _opened;
    private bool _upstreamEnded;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_opened)
        {
            _opened = true;
            await open(cancellationToken);
        }

        if (buffer.IsEmpty && !_waits)
            return 0;
        if (!_upstreamEnded && await ReadUpstreamAsync(buffer, cancellationToken) is var read and > 0)
            return read;
        return Take(ref _epilogue, buffer);
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
            _idle.CancelAfter(monitor.MayBeSilent ? Timeout.InfiniteTimeSpan : idleLimit);
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
        catch (Exception error) when (
            error is (IOException or HttpRequestException or InvalidDataException) && !cancellationToken.IsCancellationRequested)
        {
            fault = StreamFault.Reset;
        }

        EndAfter(fault);
        return 0;
    }

    private void EndAfter(StreamFault fault)
    {
        _upstreamEnded = true;
        if (monitor.Outcome is not null)
            return;
        if (monitor.Judges)
        {
            _epilogue = terminal.Compose(monitor, fault);
            return;
        }

        // Without a protocol to hold it to, an end in order is what its sender meant.
        var (_, what, outcome) = fault.Describe();
        monitor.End(fault == StreamFault.Truncated ? StreamOutcome.Completed : outcome);
        if (fault != StreamFault.Truncated)
            throw new IOException(what); // The forwarder cuts the client off, as the upstream did us.
    }

    private async ValueTask<int> ReadOnceAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        // The forwarder passes one token for the whole body, so the link is cheap next to a network read.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _idle.Token, end);
        return await upstream.ReadAsync(buffer, either.Token);
    }
}
