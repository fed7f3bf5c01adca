using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests.Wire;

/// <summary>A client that has said all it has to say may close its half at once: <c>printf … | nc -N</c>.</summary>
public sealed class HalfClosedTests
{
    private const int Clients = 400;

    [Fact]
    public async Task Request_WhoseSenderClosesItsHalfAtOnce_IsStillARequest()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(legacy: legacy).StartAsync();
        var request = Encoding.ASCII.GetBytes("GET /files HTTP/1.1\r\nHost: a\r\n\r\n");

        await Parallel.ForAsync(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (_, cancel) =>
        {
            using var client = new TcpClient();
            await client.ConnectAsync(gateway.PublicAddress.Host, gateway.PublicAddress.Port, cancel);
            await using var connection = client.GetStream();
            await connection.WriteAsync(request, cancel);
            client.Client.Shutdown(SocketShutdown.Send);
            try
            {
                await connection.CopyToAsync(Stream.Null, cancel);
            }
            catch (IOException)
            {
                // Who closes its half is gone for the server, and may get a reset.
            }
        });

        await Eventually.TrueAsync("each is counted", async () =>
            (await gateway.MetricsAsync()).Value("gateway_requests_total", ("route", "legacy")) == Clients);
    }
}
