using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Crash.Postgres;

/// <summary>How the commits of a transaction get lost on the wire. To the service the two look alike.</summary>
internal enum CommitFault
{
    /// <summary>Postgres has committed and said so; the answer does not arrive.</summary>
    LostReply,

    /// <summary>The COMMIT does not arrive: Postgres rolls back.</summary>
    LostCommit,
}

/// <summary>A TCP proxy between one replica and Postgres that knows where transactions end. It speaks no TLS.</summary>
internal sealed class PostgresProxy : IAsyncDisposable
{
    private readonly ConcurrentDictionary<PostgresLink, Task> _links = new();
    private readonly ConcurrentDictionary<(CommitFault Fault, Touched About), int> _armed = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly IPEndPoint _server;
    private readonly int[] _struck = new int[2];
    private volatile TaskCompletionSource? _silence;
    private volatile bool _refuses;

    private PostgresProxy(int serverPort)
    {
        _server = new IPEndPoint(IPAddress.Loopback, serverPort);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(256);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Completes when bytes may pass.</summary>
    internal Task Passage => _silence?.Task ?? Task.CompletedTask;

    public static PostgresProxy Start(int serverPort) => new(serverPort);

    /// <summary>How often a commit was lost in this way.</summary>
    public int Struck(CommitFault fault) => Volatile.Read(ref _struck[(int)fault]);

    /// <summary>The next <paramref name="count"/> commits of transactions that wrote there are lost.</summary>
    public void Arm(CommitFault fault, Touched about, int count) => _armed[(fault, about)] = count;

    /// <summary>No loss is due any more.</summary>
    public void Disarm() => _armed.Clear();

    /// <summary>Every connection is reset, and every next one too, until <see cref="Accept"/>.</summary>
    public void Refuse()
    {
        _refuses = true;
        Reset();
    }

    public void Accept() => _refuses = false;

    /// <summary>Nothing passes in either direction until <see cref="Speak"/>; then everything does that was sent meanwhile.</summary>
    public void Silence() => _silence ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Speak()
    {
        var silence = _silence;
        _silence = null;
        silence?.SetResult();
    }

    public void Reset()
    {
        foreach (var link in _links.Keys)
            link.Reset();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        Speak();
        Reset();
        await Task.WhenAll(_links.Values);
    }

    /// <summary>Takes one loss, if one is due for a transaction that wrote there.</summary>
    internal bool TryStrike(CommitFault fault, Touched wrote)
    {
        foreach (var (key, left) in _armed)
        {
            if (key.Fault != fault || left <= 0 || !wrote.HasFlag(key.About) || !_armed.TryUpdate(key, left - 1, left))
                continue;
            Interlocked.Increment(ref _struck[(int)fault]);
            return true;
        }

        return false;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var link = new PostgresLink(this, await _listener.AcceptAsync());
                if (_refuses)
                {
                    link.Reset();
                    continue;
                }

                var running = link.RunAsync(_server);
                _links[link] = running;
                _ = running.ContinueWith(_ => _links.TryRemove(link, out Task? _), TaskScheduler.Default);
                if (_refuses)
                    link.Reset(); // It was not among those that were reset.
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The listener was closed on purpose.
        }
    }
}
