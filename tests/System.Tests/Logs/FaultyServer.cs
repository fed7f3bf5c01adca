using System.Net.Sockets;
using System.Text;
using Harness;

namespace SystemTests.Logs;

/// <summary>
/// A backend that reads one request a connection and answers with whatever bytes it was told, HTTP or not, which WireMock cannot.
/// </summary>
internal sealed class FaultyServer : RawServer
{
    public string Answer { get; set; } = "";

    protected override async Task ServeAsync(Socket connection, CancellationToken stop)
    {
        var request = new byte[64 * 1024];
        await connection.ReceiveAsync(request, stop);
        await connection.SendAsync(Encoding.Latin1.GetBytes(Answer), stop);
        connection.Shutdown(SocketShutdown.Send);
        await connection.ReceiveAsync(request, stop);
    }
}
