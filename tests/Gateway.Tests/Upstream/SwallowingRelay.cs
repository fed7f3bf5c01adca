using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Tests.Upstream;

/// <summary>A relay that can swallow every byte of the connections that are open, as a firewall does that forgot them.</summary>
internal sealed class SwallowingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Socket> _sockets = new();
    private readonly Task _accepting;
    private volatile int _swallowed;

    public SwallowingRelay(Uri backend)
    {
        _listener.Start();
        OwnPorts.Claim(Address.Port);
        _accepting = AcceptAsync(backend);
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>From now on nothing passes on the connections that are open now.</summary>
    public void Swallow() => _swallowed++;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        foreach (var socket in _sockets)
            socket.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync(Uri backend)
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                _sockets.Enqueue(client);
                _sockets.Enqueue(server);
                await server.ConnectAsync(backend.Host, backend.Port, _stop.Token);
                _ = PumpAsync(client, server, _swallowed);
                _ = PumpAsync(server, client, _swallowed);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task PumpAsync(Socket from, Socket to, int born)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is var read and > 0)
            {
                if (_swallowed == born)
                    await to.SendAsync(buffer.AsMemory(0, read), _stop.Token);
            }

            if (_swallowed == born)
                to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One side hung up.
        }
    }
}
