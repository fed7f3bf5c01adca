using System.Net;
using System.Net.Sockets;
using Harness.Fixtures;

namespace Harness;

/// <summary>A server on loopback that speaks in bytes, for what no framework lets one say. Each connection is served by itself.</summary>
public abstract class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    protected RawServer(int port = 0)
    {
        _listener = new(IPAddress.Loopback, port);
        _listener.Start();
        OwnPorts.Claim(((IPEndPoint)_listener.LocalEndpoint).Port);
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The connection is closed when this ends. That the other side hung up need not be caught.</summary>
    protected abstract Task ServeAsync(Socket connection, CancellationToken stop);

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeToItsEndAsync(await _listener.AcceptSocketAsync(_stop.Token)));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeToItsEndAsync(Socket socket)
    {
        using var _ = socket;
        try
        {
            await ServeAsync(socket, _stop.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or IOException)
        {
            // It hung up, or the test is over.
        }
    }
}
