using System.Net;

namespace Gateway.Upstream;

/// <summary>
/// A request's body on its way to a backend. Over HTTP/1.1 it is written beside the reading of the answer
/// (<see cref="BackendConnection"/>); HTTP/2 does that by itself.
/// </summary>
internal sealed class Upload : HttpContent
{
    private const string LastChunk = "0\r\n\r\n";

    private static readonly AsyncLocal<Upload?> Flowing = new();
    private static readonly byte[] StandIn = new byte[256 * 1024];

    private readonly HttpContent _body;
    private readonly bool _drains;
    private UploadWriter? _writer;
    private volatile bool _stopped;
    private readonly CancellationTokenSource _stop = new();

    /// <param name="drains">Whether the client is read to its end although the backend wants no more.</param>
    public Upload(HttpContent body, bool drains)
    {
        (_body, _drains) = (body, drains);
        foreach (var (name, values) in body.Headers.NonValidated)
            Headers.TryAddWithoutValidation(name, values);
    }

    /// <summary>The upload of the request that is being sent in this flow: how a connection learns whose head it carries.</summary>
    public static Upload? Current
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }

    /// <summary>Set by the connection that carries the request's head; null over HTTP/2.</summary>
    public BackendConnection? Connection { get; set; }

    /// <summary>The last byte was handed to the connection.</summary>
    public bool IsSent { get; private set; }

    /// <summary>Why the client's body could not be read to its end.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>Ends when the body does, by whatever; never fails.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>It ended while the backend had taken all there was, and more had to come from the client.</summary>
    public bool ClientFailed { get; private set; }

    /// <summary>
    /// Nobody waits for the rest: the answer is over. The next write will fail, which ends the body in order. A read from the client that
    /// was cancelled would leave Kestrel unable to read on, and it would reset the connection, with the answer in it.
    /// </summary>
    /// <param name="drain">How long a client that is drained may go on sending.</param>
    public void Stop(TimeSpan drain)
    {
        if (IsSent || _stopped)
            return;
        _stopped = true;
        if (_drains)
            _writer?.Discard();
        _stop.CancelAfter(_drains ? drain : TimeSpan.Zero); // Writes only: see UploadWriter.
        Connection?.Dispose();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.FlushAsync(cancellationToken); // The head, so that the connection is known.
        if (Connection is not { } connection)
        {
            _writer = new UploadWriter(stream, Headers.ContentLength, chunked: false, _drains, Sent, _stop.Token);
            // Not this method's token: the client cancels it when the backend has answered and wants no more, and a cancelled read from
            // the client is what has to be avoided.
            var sending = SendAsync(context, CancellationToken.None);
            Completion = sending.ContinueWith(static _ => { }, TaskScheduler.Default);
            await sending;
            await _writer.EndAsync(cancellationToken);
            return;
        }

        var length = Headers.ContentLength;
        connection.Begin(this, length ?? LastChunk.Length);
        _writer = new UploadWriter(connection.Inner, length, chunked: length is null, _drains, Sent, _stop.Token);
        Completion = SendBesideAsync(connection, context, cancellationToken);
        for (var left = length ?? 0; left > 0; left -= Math.Min(left, StandIn.Length))
            await stream.WriteAsync(StandIn.AsMemory(0, (int)Math.Min(left, StandIn.Length)), cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _stop.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>
    /// A write that fails is no reason to stop: the backend closed, and its answer may be there to be read. A body that cannot be read is,
    /// because the backend would wait for the rest.
    /// </summary>
    private async Task SendBesideAsync(BackendConnection connection, TransportContext? context, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(context, cancellationToken);
            await _writer!.EndAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Whoever cancelled knows.
        }
        catch (Exception fault)
        {
            if (_stopped || _writer is { IsBroken: true })
                return;
            Fault = fault;
            await connection.DisposeAsync();
        }
    }

    private async Task SendAsync(TransportContext? context, CancellationToken cancellationToken)
    {
        try
        {
            await _body.CopyToAsync(_writer!, context, cancellationToken);
        }
        catch when (!_writer!.IsBroken && !_stopped)
        {
            ClientFailed = true;
            throw;
        }
    }

    private void Sent() => IsSent = true;
}
