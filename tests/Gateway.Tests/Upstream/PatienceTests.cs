using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Upstream;

/// <summary>What may be quiet, and for how long. Holds docs/contract.md section 2: routes.</summary>
public sealed class PatienceTests
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(900);

    private static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-ndjson")]
    [InlineData("application/octet-stream")]
    public async Task Counted_BodyComesLate_IsWaitedFor(string type)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Answers(async context =>
        {
            context.Response.ContentType = type;
            await context.Response.WriteAsync("[", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Quiet, context.RequestAborted);
            await context.Response.WriteAsync("]", context.RequestAborted);
        });
        await using var gateway = await Impatient(legacy).StartAsync();

        using var answer = await gateway.GetAsync("/poll");

        Assert.Equal("[]", await answer.TextAsync());
    }

    [Theory]
    [InlineData("/poll", "Upstream:PollTimeout")]
    [InlineData("/api/calendar/c1", "Upstream:HeadTimeout")]
    public async Task Head_NeverComes_IsATimeout(string path, string key)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Stalls();
        await using var gateway = await new GatewaySetup(null, legacy).Option(key, "00:00:00.300").StartAsync();

        using var answer = await gateway.GetAsync(path, "ada");

        Assert.Equal((504, "outcome-unknown"), ((int)answer.StatusCode, await answer.ProblemCodeAsync()));
        Assert.Equal("gateway; error=http_response_timeout", answer.ProxyStatus());
    }

    /// <summary>The backend has not been asked everything yet.</summary>
    [Fact]
    public async Task Head_WhileAnUploadMoves_IsWaitedFor()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await Impatient(legacy).StartAsync();

        using var answer = await gateway.Client.SendAsync(GatewayHarness.Request(
            HttpMethod.Post, "/upload", null, new LiveContent(async body =>
            {
                for (var i = 0; i < 10; i++)
                {
                    await body.WriteAsync("part"u8.ToArray(), Patience);
                    await body.FlushAsync(Patience);
                    await Task.Delay(100, Patience);
                }
            })), Patience);

        Assert.Equal((200, 40), ((int)answer.StatusCode, Assert.Single(legacy.Requests).Body.Length));
    }

    [Theory]
    [InlineData("/socket")]
    [InlineData("/api/calendar/socket")] // On a guarded route too: what is upgraded is nobody's stream of events.
    public async Task WebSocket_Silent_StaysOpen(string path)
    {
        await using var backend = await StubBackend.StartAsync("backend");
        await using var gateway = await Impatient(backend).Open().StartAsync();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(gateway.PublicAddress) { Scheme = "ws", Path = path }.Uri, Patience);

        await Task.Delay(Quiet, Patience);
        await socket.SendAsync("ping"u8.ToArray(), WebSocketMessageType.Text, true, Patience);

        var buffer = new byte[16];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), Patience);
        Assert.Equal("ping", Encoding.ASCII.GetString(buffer, 0, received.Count));
    }

    [Fact]
    public async Task WebSocket_ClusterHasAnActivityTimeout_IsHeldToIt()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy)
            .Edit(config => config.Clusters["legacy"]!["HttpRequest"] = new JsonObject { ["ActivityTimeout"] = "00:00:00.500" }).StartAsync();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(gateway.PublicAddress) { Scheme = "ws", Path = "/socket" }.Uri, Patience);

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ReceiveAsync(new byte[16].AsMemory(), Patience).AsTask());
    }

    private static GatewaySetup Impatient(StubBackend backend) => new GatewaySetup(backend, backend)
        .Option("Upstream:PollTimeout", "00:00:00.400").Option("Upstream:HeadTimeout", "00:00:00.400")
        .Option("Streams:IdleLimit", "00:00:00.200");
}
