using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests.Upstream;

/// <summary>What an <see cref="EarlyBackend"/> does once it has answered.</summary>
public enum Ending
{
    /// <summary>Closes, the body unread.</summary>
    Close,

    /// <summary>Resets the connection.</summary>
    Reset,

    /// <summary>Keeps the connection and reads the body to its end.</summary>
    ReadOn,

    /// <summary>Keeps the connection and reads nothing.</summary>
    Idle,
}

/// <summary>A backend that answers before it has read the body, as no framework lets one do it.</summary>
internal sealed class EarlyBackend : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _answer;
    private readonly int _reads;
    private readonly Ending _ending;
    private readonly Task _accepting;

    /// <param name="reads">Bytes of the body that are read before the answer.</param>
    public EarlyBackend(string answer, int reads, Ending ending)
    {
        (_answer, _reads, _ending) = (Encoding.Latin1.GetBytes(answer), reads, ending);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var _ = socket;
        var buffer = new byte[64 * 1024];
        try
        {
            var head = new StringBuilder();
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                if (await socket.ReceiveAsync(buffer.AsMemory(0, 1), _stop.Token) == 0)
                    return;
                head.Append((char)buffer[0]);
            }

            for (var left = _reads; left > 0;)
                left -= await socket.ReceiveAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), _stop.Token);
            await socket.SendAsync(_answer, _stop.Token);
            if (_ending == Ending.Reset)
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            while (_ending == Ending.ReadOn && await socket.ReceiveAsync(buffer, _stop.Token) > 0)
                continue;
            if (_ending == Ending.Idle)
                await Task.Delay(Timeout.Infinite, _stop.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // The gateway hung up.
        }
    }
}
