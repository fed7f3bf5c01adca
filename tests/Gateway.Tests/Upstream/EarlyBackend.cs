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

/// <summary>A backend that answers before it has read the body.</summary>
/// <param name="reads">Bytes of the body that are read before the answer.</param>
internal sealed class EarlyBackend(string answer, int reads, Ending ending) : RawServer
{
    protected override async Task ServeAsync(Socket connection, CancellationToken stop)
    {
        var buffer = new byte[64 * 1024];
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await connection.ReceiveAsync(buffer.AsMemory(0, 1), stop) == 0)
                return;
            head.Append((char)buffer[0]);
        }

        for (var left = reads; left > 0;)
            left -= await connection.ReceiveAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), stop);
        await connection.SendAsync(Encoding.Latin1.GetBytes(answer), stop);
        if (ending == Ending.Reset)
            connection.LingerState = new LingerOption(enable: true, seconds: 0);
        while (ending == Ending.ReadOn && await connection.ReceiveAsync(buffer, stop) > 0)
            continue;
        if (ending == Ending.Idle)
            await Task.Delay(Timeout.Infinite, stop);
    }
}
