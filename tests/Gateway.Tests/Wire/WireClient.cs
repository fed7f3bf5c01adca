using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests.Wire;

/// <summary>
/// Writes bytes to a socket and reads what comes back until the other side closes. Knows nothing of HTTP but a final status line.
/// </summary>
internal static class WireClient
{
    /// <summary>Ends every conversation: where the connection still stands behind a case, this is answered and closes it.</summary>
    public const string SentinelPath = "/sentinel";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <returns>All that was answered, one character a byte; empty when the connection was closed without a word.</returns>
    public static async Task<string> TalkAsync(IPEndPoint server, WireCase wire, TimeSpan? patience = null)
    {
        using var limit = new CancellationTokenSource(patience ?? Patience);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, limit.Token);
        var answer = new StringBuilder();
        try
        {
            await socket.SendAsync(wire.Raw, limit.Token);
            if (wire.Unfinished)
            {
                socket.Shutdown(SocketShutdown.Send);
            }
            else if (await ReadAsync(socket, answer, untilFirstHead: true, limit.Token))
            {
                var sentinel = $"GET {SentinelPath} HTTP/1.1\r\nHost: gateway.test\r\nConnection: close\r\n\r\n";
                await socket.SendAsync(Encoding.ASCII.GetBytes(sentinel), limit.Token);
            }

            await ReadAsync(socket, answer, untilFirstHead: false, limit.Token);
        }
        catch (SocketException)
        {
            // A reset is an answer too: the case decides whether what came before it is enough.
        }

        return answer.ToString();
    }

    /// <summary>The first status that is not a provisional one; null when there is none.</summary>
    public static int? StatusOf(string answer)
    {
        for (var at = 0; at >= 0 && answer.IndexOf("HTTP/1.1 ", at, StringComparison.Ordinal) is >= 0 and var line;)
        {
            var status = int.Parse(answer.AsSpan(line + 9, 3), System.Globalization.CultureInfo.InvariantCulture);
            if (status >= 200)
                return status;
            at = line + 12;
        }

        return null;
    }

    /// <returns>False when the other side closed.</returns>
    private static async Task<bool> ReadAsync(Socket socket, StringBuilder answer, bool untilFirstHead, CancellationToken cancel)
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer, cancel);
            if (read == 0)
                return false;
            answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
            if (untilFirstHead && StatusOf(answer.ToString()) is not null)
                return true;
        }
    }
}
