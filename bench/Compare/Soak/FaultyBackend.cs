using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CompareBench.Soak;

internal enum BackendFault
{
    None,

    /// <summary>Gone: connections end with a reset, and new ones are refused.</summary>
    Killed,

    /// <summary>Each answer takes two seconds, longer than a probe waits.</summary>
    Slow,

    /// <summary>Each connection is reset once a request has come.</summary>
    Resets,

    /// <summary>Each answer is 503.</summary>
    Unavailable,
}

/// <summary>A backend on bare sockets that has one fault after the other. It answers with 1 KiB, or with a stream of ten events.</summary>
internal sealed class FaultyBackend(int port) : IAsyncDisposable
{
    private static readonly TimeSpan Slowness = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenEvents = TimeSpan.FromMilliseconds(100);

    private static readonly byte[] Fine =
        Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n{new string('x', 1024)}");

    private static readonly byte[] Unavailable = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

    private static readonly byte[] Opening =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray();

    private readonly ConcurrentDictionary<Socket, bool> _open = new();
    private Socket? _listener;
    private volatile BackendFault _fault = BackendFault.Killed;

    public void Become(BackendFault fault)
    {
        _fault = fault;
        if (fault == BackendFault.Killed)
        {
            _listener?.Dispose();
            _listener = null;
            foreach (var socket in _open.Keys)
                socket.Close(0); // A reset.
        }
        else if (_listener is null)
        {
            _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
            _listener.Listen(512);
            _ = AcceptAsync(_listener);
        }
    }

    public ValueTask DisposeAsync()
    {
        Become(BackendFault.Killed);
        return default;
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptAsync());
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // Killed.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        _open[socket] = true;
        socket.NoDelay = true;
        try
        {
            var buffer = new byte[16 * 1024];
            while (await ReadRequestAsync(socket, buffer) is { } head)
            {
                if (_fault == BackendFault.Slow)
                    await Task.Delay(Slowness);
                if (_fault == BackendFault.Resets)
                    socket.Close(0);
                else if (_fault == BackendFault.Unavailable)
                    await socket.SendAsync(Unavailable);
                else if (head.StartsWith($"POST {SoakLoad.StreamPath} ", StringComparison.Ordinal))
                    await StreamAsync(socket);
                else
                    await socket.SendAsync(Fine);
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // The gateway broke off, or this end was told to.
        }
        finally
        {
            _open.TryRemove(socket, out _);
            socket.Dispose();
        }
    }

    /// <returns>The head, once the body is there too; null at the end of the connection.</returns>
    private static async Task<string?> ReadRequestAsync(Socket socket, byte[] buffer)
    {
        for (var read = 0; ;)
        {
            var more = await socket.ReceiveAsync(buffer.AsMemory(read));
            if (more == 0)
                return null;
            read += more;
            var end = buffer.AsSpan(0, read).IndexOf("\r\n\r\n"u8);
            if (end < 0)
                continue;
            var head = Encoding.ASCII.GetString(buffer, 0, end);
            var hasBody = head.StartsWith("POST", StringComparison.Ordinal);
            if (read >= end + 4 + (hasBody ? SoakLoad.BodyBytes : 0))
                return head;
        }
    }

    private async Task StreamAsync(Socket socket)
    {
        await socket.SendAsync(Opening);
        for (var sequence = 1; sequence <= 10 && _fault != BackendFault.Resets; sequence++)
        {
            await SendAsync($"id: {sequence}\nevent: entry\ndata: {{\"type\":\"entry\",\"seq\":{sequence}}}\n\n");
            await Task.Delay(BetweenEvents);
        }

        await SendAsync("id: 11\nevent: done\ndata: {\"type\":\"done\",\"seq\":11}\n\n");
        await socket.SendAsync("0\r\n\r\n"u8.ToArray());

        Task SendAsync(string text) => socket.SendAsync(Encoding.ASCII.GetBytes($"{text.Length:x}\r\n{text}\r\n"));
    }
}
