using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Tests.Shutdown;

/// <summary>Accepts one WebSocket and hands its bytes over: a library's would not stop in the middle of a frame.</summary>
internal sealed class RawWebSocketBackend : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource<NetworkStream> _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TcpClient? _client;

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public static Task<RawWebSocketBackend> StartAsync()
    {
        var backend = new RawWebSocketBackend();
        backend._listener.Start();
        OwnPorts.Claim(backend.Address.Port);
        _ = backend.AcceptAsync();
        return Task.FromResult(backend);
    }

    public Task<NetworkStream> AcceptedAsync() => _accepted.Task.WaitAsync(TimeSpan.FromSeconds(20));

    public ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync()
    {
        _client = await _listener.AcceptTcpClientAsync();
        var stream = _client.GetStream();
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
            head.Append((char)one[0]);
        var key = head.ToString().Split("\r\n")
            .First(l => l.StartsWith("Sec-WebSocket-Key:", StringComparison.OrdinalIgnoreCase))["Sec-WebSocket-Key:".Length..].Trim();
#pragma warning disable CA5350 // The handshake of RFC 6455 is made with it.
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"));
        _accepted.SetResult(stream);
    }
}
