using System.Runtime.CompilerServices;
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
    private static readonly Action<object?> StopReading = static stream => ((GuardedStream)stream!)._reading.Cancel();

    /// <summary>An empty read of a decoder says nothing about its data.</summary>
    private readonly bool _waits = !StreamDecoding.IsDecoder(upstream);

    private ReadOnlyMemory<byte> _epilogue;
    private bool _opened;
    private bool _upstreamEnded;

    /// <summary>Cancelled by the forwarder, from our side or by silence; needs no disposal, and silence may come last.</summary>
    private readonly CancellationTokenSource _reading = new();
    private CancellationTokenRegistration _byForwarder;
    private CancellationTokenRegistration _byUs;
    private Silence? _silence;
    private volatile bool _fellSilent;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _opened ? ReadOpenAsync(buffer, cancellationToken) : OpenAndReadAsync(buffer, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            upstream.Dispose();
            _silence?.Dispose();
            _byForwarder.Dispose();
            _byUs.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> OpenAndReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        _opened = true;
        await open(cancellationToken);
        // The forwarder passes one token for the whole body, so once is enough.
        _byForwarder = cancellationToken.UnsafeRegister(StopReading, this);
        _byUs = end.UnsafeRegister(StopReading, this);
        if (idleLimit != Timeout.InfiniteTimeSpan)
            _silence = new(idleLimit, clock, EndBySilence);
        return await ReadOpenAsync(buffer, cancellationToken);
    }

    private ValueTask<int> ReadOpenAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_upstreamEnded)
            return new(Take(ref _epilogue, buffer));
        return buffer.IsEmpty && !_waits ? new(0) : ReadUpstreamAsync(buffer, cancellationToken);
    }

    private void EndBySilence()
    {
        _fellSilent = true;
        _reading.Cancel();
    }

    /// <summary>The upstream's next bytes; when it has ended, by whatever cause, what there is to say in its place.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // It runs twice an event.
    private async ValueTask<int> ReadUpstreamAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        StreamFault fault;
        try
        {
            if (!monitor.MayBeSilent)
                _silence?.Begin();
            var read = await upstream.ReadAsync(buffer, _reading.Token);
            _silence?.End();
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
        catch (OperationCanceledException) when (_fellSilent && !cancellationToken.IsCancellationRequested)
        {
            fault = StreamFault.Idle;
        }
        catch (Exception error) when (
            error is (IOException or HttpRequestException or InvalidDataException) && !cancellationToken.IsCancellationRequested)
        {
            fault = StreamFault.Reset;
        }

        EndAfter(fault);
        return Take(ref _epilogue, buffer);
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
}
