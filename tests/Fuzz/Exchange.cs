using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fuzz;

/// <summary>One request on a connection of its own, and everything that came back.</summary>
internal static class Exchange
{
    private static readonly TimeSpan HalfARequest = TimeSpan.FromMilliseconds(300);

    /// <returns>The answer's bytes, and whether the server had ended it in time.</returns>
    public static async Task<(byte[] Answer, bool Ended)> SendAsync(int port, FuzzRequest request, TimeSpan patience)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port);
        using var deadline = new CancellationTokenSource(patience);
        using var answer = new MemoryStream();
        try
        {
            var stream = client.GetStream();
            await stream.WriteAsync(request.Bytes, deadline.Token);
            var reading = stream.CopyToAsync(answer, deadline.Token);
            // What is missing of a request will not come. A whole one has to be left open: to end it means to have lost interest.
            if (!request.Framed && await Task.WhenAny(reading, Task.Delay(HalfARequest, deadline.Token)) != reading)
                client.Client.Shutdown(SocketShutdown.Send);
            await reading;
            return (answer.ToArray(), true);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            return (answer.ToArray(), true); // Reset, which is an end too.
        }
        catch (OperationCanceledException)
        {
            return (answer.ToArray(), false);
        }
    }

    /// <summary>0 when no answer came.</summary>
    public static int Status(byte[] answer) =>
        answer.Length > 12
        && int.TryParse(Encoding.Latin1.GetString(answer, 9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status
            : 0;

    /// <summary>Final heads of the answer, interim ones apart. A body of ours holds none.</summary>
    public static int CountHeads(byte[] answer)
    {
        var text = Encoding.Latin1.GetString(answer);
        var (count, at) = (0, -1);
        while ((at = text.IndexOf("HTTP/1.", at + 1, StringComparison.Ordinal)) >= 0)
        {
            if ((at == 0 || text[at - 1] == '\n') && at + 9 < text.Length && text[at + 9] != '1')
                count++;
        }

        return count;
    }
}
