using System.Diagnostics;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Gateway.Shutdown;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Shutdown;

/// <summary>Who is still connected when the gateway stops. Holds docs/contract.md section 1: processes and their settings.</summary>
public sealed class ShutdownTests
{
    private static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    /// <summary><c>docker stop</c> waits ten seconds, and then kills.</summary>
    [Fact]
    public void Defaults_Together_LeaveTimeBeforeAKill()
    {
        var defaults = new ShutdownOptions();

        Assert.InRange(defaults.Total, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8));
        Assert.InRange(defaults.UntilStreamsEnd, TimeSpan.FromSeconds(1), defaults.StreamGrace - TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData("GET / HTT")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX-Ha")]
    [InlineData("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")]
    [InlineData("POST /api/publish HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")]
    [InlineData("GET /hangs HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("")]
    public async Task Stop_AStrangerHoldsAConnection_EndsWithinTheGrace(string sent)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.ReadsBody = false;
        legacy.Stalls();
        await using var gateway = await new GatewaySetup(null, legacy).Option("Shutdown:StreamGrace", "00:00:01").StartAsync();
        using var stranger = new TcpClient();
        await stranger.ConnectAsync(gateway.PublicAddress.Host, gateway.PublicAddress.Port, Patience);
        await stranger.GetStream().WriteAsync(Encoding.ASCII.GetBytes(sent), Patience);
        await Task.Delay(100, Patience); // Nobody tells from outside when half a head has arrived.

        // Held until the kill before: ten seconds more than the grace.
        await gateway.StopAsync().WaitAsync(TimeSpan.FromSeconds(8), Patience);
    }

    [Fact]
    public async Task Stop_OpenStreams_EndEachInItsWay()
    {
        await using var backend = await StubBackend.StartAsync("backend");
        backend.Answers(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("event: meta\ndata: {}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await using var gateway = await new GatewaySetup(backend, backend).Open().Option("Shutdown:StreamGrace", "00:00:02").StartAsync();
        await using var guarded = await gateway.OpenStreamAsync("/api/calendar/generate", new { }, "ada");
        await using var counted = await EventReader.OpenAsync(gateway.Client, GatewayHarness.Request(HttpMethod.Get, "/feed"));
        Assert.Equal(["meta", "meta"], [(await guarded.NextAsync())!.Type, (await counted.NextAsync())!.Type]);

        var stopping = gateway.StopAsync();

        var rest = await guarded.RestAsync();
        Assert.Equal(["error", "done"], rest.Select(e => e.Type));
        Assert.Equal("gateway_stopping", rest[0].Json.GetProperty("code").GetString());
        await Assert.ThrowsAnyAsync<Exception>(() => counted.NextAsync()); // Nothing is added to it; its client sees that it is not whole.
        await stopping.WaitAsync(Patience);
    }

    [Fact]
    public async Task Stop_IdleWebSocket_ClosesOnBothSidesAsGoingAway()
    {
        await using var backend = await RawWebSocketBackend.StartAsync();
        await using var gateway = await Setup(backend).Option("Shutdown:StreamGrace", "00:00:01").StartAsync();
        using var socket = await ConnectAsync(gateway);
        var connection = await backend.AcceptedAsync();
        await connection.WriteAsync(new byte[] { 0x81, 0x02, (byte)'h', (byte)'i' }, Patience);
        var buffer = new byte[64];
        Assert.Equal(2, (await socket.ReceiveAsync(buffer.AsMemory(), Patience)).Count);

        var stopping = gateway.StopAsync();

        Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(buffer.AsMemory(), Patience)).MessageType);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        var last = new byte[8];
        await connection.ReadExactlyAsync(last, Patience);
        Assert.Equal([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9], last);
        await stopping.WaitAsync(Patience);
    }

    /// <summary>A close frame in the middle of another frame would be four bytes of its payload.</summary>
    [Fact]
    public async Task Stop_WebSocketInMidFrame_WaitsForItsEnd()
    {
        await using var backend = await RawWebSocketBackend.StartAsync();
        await using var gateway = await Setup(backend).Option("Shutdown:StreamGrace", "00:00:02").StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(gateway.PublicAddress.Host, gateway.PublicAddress.Port, Patience);
        var socket = client.GetStream();
        await socket.WriteAsync(Encoding.ASCII.GetBytes(
            "GET /socket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"), Patience);
        var connection = await backend.AcceptedAsync();
        await connection.WriteAsync(new byte[] { 0x82, 0x05, 1, 2 }, Patience);
        var head = new byte[4];
        do
            await socket.ReadExactlyAsync(head.AsMemory(0, 1), Patience); // The answer's head is text.
        while (head[0] != 0x82);
        await socket.ReadExactlyAsync(head.AsMemory(1), Patience);

        var stopping = gateway.StopAsync();
        var end = gateway.Services.GetRequiredService<Drain>().StreamsEnd;
        await Eventually.TrueAsync("streams have to end", () => end.IsCancellationRequested);
        // The end of the frame, and the beginning of one that will not be finished.
        await connection.WriteAsync(new byte[] { 3, 4, 5, 0x82, 0x05, 6 }, Patience);

        using var rest = new MemoryStream();
        await socket.CopyToAsync(rest, Patience);
        Assert.Equal([3, 4, 5, 0x88, 0x02, 0x03, 0xe9], rest.ToArray());
        await stopping.WaitAsync(Patience);
    }

    private static GatewaySetup Setup(RawWebSocketBackend backend) => new GatewaySetup().Edit(config =>
        config.Clusters["legacy"]!["Destinations"]!["legacy-1"]!["Address"] = backend.Address.ToString());

    private static async Task<ClientWebSocket> ConnectAsync(GatewayHarness gateway)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(gateway.PublicAddress) { Scheme = "ws", Path = "/socket" }.Uri, Patience);
        return socket;
    }
}
