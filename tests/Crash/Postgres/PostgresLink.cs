using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace Crash.Postgres;

/// <summary>What the statements of a transaction name.</summary>
[Flags]
internal enum Touched
{
    None = 0,
    Intents = 1,
    Calendars = 2,
}

/// <summary>One session through a <see cref="PostgresProxy"/>, message by message.</summary>
internal sealed class PostgresLink(PostgresProxy proxy, Socket service)
{
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private bool _started;
    private bool _begun;
    private Touched _touched;
    private volatile bool _loseReply;

    public async Task RunAsync(IPEndPoint server)
    {
        try
        {
            service.NoDelay = true;
            await _server.ConnectAsync(server);
            await Task.WhenAny(PumpAsync(service, _server, IsUpDropped), PumpAsync(_server, service, IsDownDropped));
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Postgres is stopped: the service must learn of it.
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>RST to both, at once.</summary>
    public void Reset()
    {
        foreach (var socket in (Socket[])[service, _server])
        {
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                // Then it is.
            }

            socket.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, Func<ReadOnlySequence<byte>, bool> isDropped)
    {
        try
        {
            await using var source = new NetworkStream(from);
            await using var target = new NetworkStream(to);
            var (reader, writer) = (PipeReader.Create(source), PipeWriter.Create(target));
            while (true)
            {
                var read = await reader.ReadAsync();
                var rest = read.Buffer;
                var dropped = false;
                while (!dropped && PostgresMessage.TryTake(ref rest, typed: _started || from == _server, out var message))
                {
                    dropped = isDropped(message);
                    if (!dropped)
                        writer.Write(message.ToArray());
                }

                await proxy.Passage; // After the last look, so that a silence holds back what was on its way.
                await writer.FlushAsync();
                if (dropped)
                    return;
                reader.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted)
                    return;
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException)
        {
            // One side is gone; the other is reset.
        }
    }

    private bool IsUpDropped(ReadOnlySequence<byte> message)
    {
        if (!_started)
        {
            _started = PostgresMessage.IsStartup(message);
            return false;
        }

        if (!PostgresMessage.TryStatement(message, out var statement))
            return false;
        if (Starts("BEGIN"))
            (_begun, _touched) = (true, Touched.None);
        else if (!_begun)
            _touched = Touched.None; // A transaction by itself.
        if (statement.Contains("INTO publish_intents", StringComparison.Ordinal))
            _touched |= Touched.Intents;
        if (statement.Contains("UPDATE calendars", StringComparison.Ordinal)
            || statement.Contains("INTO calendars", StringComparison.Ordinal))
            _touched |= Touched.Calendars;
        if (Starts("COMMIT") || Starts("ROLLBACK"))
            _begun = false;
        if (_begun || Starts("ROLLBACK"))
            return false;
        if (proxy.TryStrike(CommitFault.LostCommit, _touched))
            return true;
        _loseReply = proxy.TryStrike(CommitFault.LostReply, _touched);
        return false;

        bool Starts(string word) => statement.StartsWith(word, StringComparison.OrdinalIgnoreCase);
    }

    private bool IsDownDropped(ReadOnlySequence<byte> message) => _loseReply && PostgresMessage.IsIdle(message);
}
