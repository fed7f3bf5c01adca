namespace Gateway.Streams;

/// <summary>
/// The backend's side of an upgraded connection. When the gateway stops, a WebSocket ends in a close frame (1001, going away) in both
/// directions, each at a frame's end; what is no WebSocket, or is in the middle of a frame that does not end, is cut.
/// </summary>
internal sealed class UpgradedStream : ForwardOnlyStream
{
    /// <summary>FIN and the opcode, the length, 1001.</summary>
    private static readonly byte[] GoingAway = [0x88, 0x02, 0x03, 0xe9];

    /// <summary>The same from a client's side, which has to mask; with a mask of zeros it reads the same.</summary>
    private static readonly byte[] GoingAwayMasked = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9];

    private readonly Stream _backend;
    private readonly bool _isWebSocket;
    private readonly WebSocketFrames _toClient = new();
    private readonly WebSocketFrames _toBackend = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenRegistration _stopping;
    private ReadOnlyMemory<byte> _epilogue;
    private bool _ended;

    /// <summary>1 while somebody writes to the backend; it stays so once our close frame went there.</summary>
    private int _writing;

    /// <param name="end">The gateway is stopping.</param>
    public UpgradedStream(Stream backend, bool isWebSocket, CancellationToken end)
    {
        (_backend, _isWebSocket) = (backend, isWebSocket);
        _stopping = end.UnsafeRegister(static stream => _ = ((UpgradedStream)stream!).StopAsync(), this);
    }

    public override bool CanWrite => true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_ended && await ReadBackendAsync(buffer, cancellationToken) is var read and > 0)
            return read;
        return Take(ref _epilogue, buffer);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Interlocked.CompareExchange(ref _writing, 1, 0) != 0)
            return; // Our close frame was the last word.
        await _backend.WriteAsync(buffer, cancellationToken);
        if (_isWebSocket)
            _toBackend.Observe(buffer.Span);
        Volatile.Write(ref _writing, 0);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => _backend.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stopping.Dispose();
            _backend.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>0 when the connection ends in order; then what is left to say is ready.</summary>
    private async ValueTask<int> ReadBackendAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        // In the middle of a frame there is no stopping: its end is waited for, and the host cuts who keeps it waiting.
        var mayStop = !_isWebSocket || _toClient.AtBoundary;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(
                cancellationToken, mayStop ? _stop.Token : CancellationToken.None);
            var read = await _backend.ReadAsync(buffer, either.Token);
            if (!_isWebSocket)
                return read;
            var whole = _toClient.Observe(buffer.Span[..read]);
            if (whole == 0 || !_stop.IsCancellationRequested)
                return read;
            End();
            return whole; // The frame that began after it will not be finished.
        }
        catch (Exception stopped) when (
            stopped is (OperationCanceledException or IOException or ObjectDisposedException)
            && _stop.IsCancellationRequested && mayStop && !cancellationToken.IsCancellationRequested)
        {
            if (!_isWebSocket)
                throw new IOException("The gateway is shutting down.", stopped);
            End();
            return 0;
        }
    }

    private void End()
    {
        _ended = true;
        if (!_toClient.Closed)
            _epilogue = GoingAway;
    }

    /// <summary>The backend first: a read that is cancelled takes its connection along.</summary>
    private async Task StopAsync()
    {
        try
        {
            if (_isWebSocket && Interlocked.CompareExchange(ref _writing, 1, 0) == 0 && _toBackend is { AtBoundary: true, Closed: false })
            {
                await _backend.WriteAsync(GoingAwayMasked);
                await _backend.FlushAsync();
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The backend is gone already; the client gets its frame all the same.
        }
        finally
        {
            await _stop.CancelAsync();
        }
    }
}
