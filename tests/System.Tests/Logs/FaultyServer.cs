using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SystemTests.Logs;

/// <summary>
/// A backend that reads one request a connection and answers with whatever bytes it was told, HTTP or not, which WireMock cannot.
/// </summary>
internal sealed class FaultyServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;

    public FaultyServer()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public string Answer { get; set; } = "";

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptSocketAsync();
                await AnswerAsync(client);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
            // Disposed of.
        }
    }

    private async Task AnswerAsync(Socket client)
    {
        try
        {
            var request = new byte[64 * 1024];
            await client.ReceiveAsync(request);
            await client.SendAsync(Encoding.Latin1.GetBytes(Answer));
            client.Shutdown(SocketShutdown.Send);
            await client.ReceiveAsync(request);
        }
        catch (SocketException)
        {
            // The asker had enough.
        }
    }
}
