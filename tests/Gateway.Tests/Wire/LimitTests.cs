using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using static Gateway.Tests.Wire.WireCase;

namespace Gateway.Tests.Wire;

/// <summary>
/// Each key of <c>Limits</c>, set far from its default so that ignoring it fails.
/// Holds docs/contract.md section 1: processes and their settings.
/// </summary>
public sealed class LimitTests : IAsyncLifetime
{
    private StubBackend _legacy = null!;

    public async ValueTask InitializeAsync() => _legacy = await StubBackend.StartAsync("legacy");

    public async ValueTask DisposeAsync() => await _legacy.DisposeAsync();

    [Theory]
    [InlineData("RequestHeaders", "10", 431)]
    [InlineData("RequestHeaders", "30", 200)]
    [InlineData("RequestHeaderBytes", "1024", 431)]
    [InlineData("RequestLineBytes", "256", 414)]
    public async Task Head_OverALimit_IsRefused(string key, string value, int status)
    {
        await using var gateway = await StartAsync(key, value);
        var wire = Get("/" + new string('a', 300), [.. Enumerable.Range(0, 20).Select(i => $"X-{i}: {new string('a', 60)}")]);
        Assert.Equal(status, WireClient.StatusOf(await TalkAsync(gateway, wire)));
        Assert.Equal(status == 200 ? 2 : 0, _legacy.Requests.Count); // One and the sentinel.
    }

    [Fact]
    public async Task HeadersTimeout_HeadThatNeverEnds_IsCutOff()
    {
        await using var gateway = await StartAsync("RequestHeadersTimeout", "00:00:00.300");
        await ClosesWithinAsync(TimeSpan.FromSeconds(6), gateway, "GET / HTTP/1.1\r\nHost: a\r\n");
    }

    [Fact]
    public async Task KeepAliveTimeout_IdleConnection_IsClosed()
    {
        await using var gateway = await StartAsync("KeepAliveTimeout", "00:00:00.300");
        var answer = await ClosesWithinAsync(TimeSpan.FromSeconds(6), gateway, Get("/"));
        Assert.Equal(200, WireClient.StatusOf(answer));
    }

    [Fact]
    public async Task MinRequestBodyRate_UploadThatStands_IsCutOff()
    {
        await using var gateway = await StartAsync("MinRequestBodyRate", "1000", "RateGracePeriod", "00:00:01.100");
        var answer = await ClosesWithinAsync(TimeSpan.FromSeconds(4.5), gateway, Post("a", "Content-Length: 10"));
        Assert.True(WireClient.StatusOf(answer) is 400 or 408, answer);
    }

    [Fact]
    public async Task MinResponseRate_ClientThatReadsTooSlowly_IsCutOffAndItsUpstreamWithIt()
    {
        var aborted = false;
        _legacy.Answers(async context =>
        {
            context.RequestAborted.Register(() => Volatile.Write(ref aborted, true));
            var block = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
        });
        await using var gateway = await StartAsync("MinResponseRate", "1000000", "RateGracePeriod", "00:00:01.100");
        using var socket = await ConnectAsync(gateway, Get("/big"));

        var buffer = new byte[512];
        await Eventually.TrueAsync("the slow reader is cut off", async () =>
        {
            if (!Volatile.Read(ref aborted) && socket.Available > 0)
                await socket.ReceiveAsync(buffer);
            return Volatile.Read(ref aborted);
        });
    }

    [Fact]
    public async Task Connections_OneTooMany_IsClosedAtOnceAndTheAdminListenerIsNot()
    {
        await using var gateway = await StartAsync("Connections", "2");
        using var first = await ConnectAsync(gateway, Get("/"));
        using var second = await ConnectAsync(gateway, Get("/"));
        await AnswerAsync(first);
        await AnswerAsync(second);

        using var third = await ConnectAsync(gateway, Get("/"));
        Assert.Equal("", await AnswerAsync(third));
        Assert.Equal(HttpStatusCode.OK, (await gateway.Admin.GetAsync("/livez")).StatusCode);
    }

    [Fact]
    public async Task UpgradedConnections_OneTooMany_IsNotUpgraded()
    {
        await using var gateway = await StartAsync("UpgradedConnections", "1");
        var address = new UriBuilder(gateway.PublicAddress) { Scheme = "ws", Path = "/socket" }.Uri;
        using var first = new ClientWebSocket();
        await first.ConnectAsync(address, CancellationToken.None);
        using var second = new ClientWebSocket();
        await Assert.ThrowsAsync<WebSocketException>(() => second.ConnectAsync(address, CancellationToken.None));

        await first.SendAsync("still here"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        var buffer = new byte[100];
        var echo = await first.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        Assert.Equal("still here", Encoding.UTF8.GetString(buffer, 0, echo.Count));
    }

    [Fact]
    public async Task Http2Streams_TheSettingsFrame_SaysSo()
    {
        await using var gateway = await new GatewaySetup(legacy: _legacy)
            .Option("Kestrel:Endpoints:Public:Protocols", "Http2").Option("Limits:Http2Streams", "7").StartAsync();
        using var socket = await ConnectAsync(gateway, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");
        var frame = new byte[9];
        await ReadExactlyAsync(socket, frame);
        Assert.Equal(4, frame[3]); // SETTINGS
        var settings = new byte[(frame[0] << 16) | (frame[1] << 8) | frame[2]];
        await ReadExactlyAsync(socket, settings);
        var streams = settings.Chunk(6).Single(s => BinaryPrimitives.ReadUInt16BigEndian(s) == 3); // MAX_CONCURRENT_STREAMS
        Assert.Equal(7u, BinaryPrimitives.ReadUInt32BigEndian(streams.AsSpan(2)));
    }

    [Theory]
    [InlineData("RequestHeaders", "9")]
    [InlineData("RequestHeaderBytes", "100")]
    [InlineData("RequestLineBytes", "1")]
    [InlineData("RequestHeadersTimeout", "00:00:00")]
    [InlineData("KeepAliveTimeout", "1.00:00:00")]
    [InlineData("MinRequestBodyRate", "-1")]
    [InlineData("MinResponseRate", "-1")]
    [InlineData("RateGracePeriod", "00:00:01")]
    [InlineData("Connections", "0")]
    [InlineData("UpgradedConnections", "-1")]
    [InlineData("Http2Streams", "0")]
    public async Task Limit_OutOfRange_StopsTheStartAndIsNamed(string key, string value)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(key, value));
        Assert.Contains($"Limits:{key}: \"{value}\", expected from", error.ToString(), StringComparison.Ordinal);
    }

    private Task<GatewayHarness> StartAsync(params string[] limits)
    {
        var setup = new GatewaySetup(legacy: _legacy);
        foreach (var pair in limits.Chunk(2))
            setup.Option("Limits:" + pair[0], pair[1]);
        return setup.StartAsync();
    }

    private static Task<string> TalkAsync(GatewayHarness gateway, string bytes) =>
        WireClient.TalkAsync(new(IPAddress.Loopback, gateway.PublicAddress.Port), Refused("", bytes));

    private static async Task<string> ClosesWithinAsync(TimeSpan limit, GatewayHarness gateway, string bytes)
    {
        var started = Stopwatch.GetTimestamp();
        using var socket = await ConnectAsync(gateway, bytes);
        var answer = await ReadToEndAsync(socket);
        Assert.True(Stopwatch.GetElapsedTime(started) < limit, $"closed after {Stopwatch.GetElapsedTime(started)}");
        return answer;
    }

    private static async Task<Socket> ConnectAsync(GatewayHarness gateway, string bytes)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 8 * 1024 };
        await socket.ConnectAsync(IPAddress.Loopback, gateway.PublicAddress.Port);
        await socket.SendAsync(Encoding.Latin1.GetBytes(bytes));
        return socket;
    }

    private static async Task<string> AnswerAsync(Socket socket)
    {
        var buffer = new byte[8 * 1024];
        try
        {
            return Encoding.Latin1.GetString(buffer, 0, await socket.ReceiveAsync(buffer));
        }
        catch (SocketException)
        {
            return ""; // Reset.
        }
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var answer = new StringBuilder();
        while (await AnswerAsync(socket) is { Length: > 0 } part)
            answer.Append(part);
        return answer.ToString();
    }

    private static async Task ReadExactlyAsync(Socket socket, byte[] buffer)
    {
        for (var read = 0; read < buffer.Length;)
        {
            var some = await socket.ReceiveAsync(buffer.AsMemory(read));
            Assert.NotEqual(0, some);
            read += some;
        }
    }
}
