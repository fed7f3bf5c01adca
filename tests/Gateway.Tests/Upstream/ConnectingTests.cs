using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Gateway.Tests.Fallback;
using Gateway.Upstream;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Gateway.Tests.Upstream;

/// <summary>Names with several addresses, names that move, and connections that are dead without saying so.</summary>
public sealed class ConnectingTests
{
    [Fact]
    public async Task Name_FirstAddressSwallows_CostsOneAttemptAndIsTriedLastFromThen()
    {
        using var dead = new FullBacklog();
        using var alive = new TcpListener(IPAddress.Parse("127.0.0.2"), dead.Address.Port);
        alive.Start();
        var lookups = 0;
        using var handler = NewHandler((_, _) =>
        {
            lookups++;
            return Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.Parse("127.0.0.2")]);
        });
        using var client = new HttpMessageInvoker(handler);

        for (var i = 0; i < 3; i++)
        {
            var asking = client.SendAsync(new(HttpMethod.Get, $"http://backend.test:{dead.Address.Port}/"), CancellationToken.None);
            using var accepted = await alive.AcceptTcpClientAsync();
            await using var stream = accepted.GetStream();
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            using var answer = await asking;
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal(3, lookups); // For each connection, so that a name that moves is followed.
    }

    [Theory]
    [InlineData(SocketError.HostNotFound)]
    [InlineData(SocketError.TryAgain)]
    [InlineData(SocketError.NoData)]
    public async Task Name_CannotBeResolved_SaysSo(SocketError error)
    {
        using var handler = NewHandler((_, _) => throw new SocketException((int)error));
        using var client = new HttpMessageInvoker(handler);

        var failed = await Assert.ThrowsAsync<HttpRequestException>(() =>
            client.SendAsync(new(HttpMethod.Get, "http://backend.test/"), CancellationToken.None));

        Assert.Equal(HttpRequestError.NameResolutionError, failed.HttpRequestError);
    }

    [Theory]
    [InlineData("00:00:00.100", 2)]
    [InlineData("01:00:00", 1)]
    public async Task ConnectionLifetime_Setting_BoundsHowLongAConnectionIsUsed(string lifetime, int connections)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Answers(context => context.Response.WriteAsync(context.Connection.Id));
        await using var gateway = await new GatewaySetup(null, legacy).Option("Upstream:ConnectionLifetime", lifetime).StartAsync();
        var seen = new HashSet<string>();
        for (var i = 0; i < 2; i++)
        {
            using var answer = await gateway.GetAsync("/");
            seen.Add(await answer.TextAsync());
            await Task.Delay(150);
        }

        Assert.Equal(connections, seen.Count);
    }

    [Fact]
    public async Task Http2_ConnectionIsDead_IsReplacedWithinSeconds()
    {
        await using var legacy = await StubBackend.StartAsync("legacy", HttpProtocols.Http2);
        await using var relay = new SwallowingRelay(legacy.Address);
        await using var gateway = await new GatewaySetup()
            .Option("Upstream:Http2PingDelay", "00:00:01").Option("Upstream:Http2PingTimeout", "00:00:01")
            .Edit(c =>
            {
                c.Clusters["legacy"]!["Destinations"]!["legacy-1"]!["Address"] = relay.Address.ToString();
                c.Clusters["legacy"]!["HttpRequest"] = new JsonObject
                {
                    ["Version"] = "2", ["VersionPolicy"] = "RequestVersionExact", ["ActivityTimeout"] = "00:00:00.300",
                };
            })
            .StartAsync();
        (await gateway.GetAsync("/")).Dispose();
        relay.Swallow();

        using (var lost = await gateway.GetAsync("/"))
            Assert.Equal(504, (int)lost.StatusCode);
        await Eventually.TrueAsync("a new connection is used", async () =>
        {
            using var answer = await gateway.GetAsync("/");
            return (int)answer.StatusCode == 200;
        });
    }

    private static SocketsHttpHandler NewHandler(Func<string, CancellationToken, Task<IPAddress[]>> resolve) => new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(10),
        ConnectCallback = new Connector(
            new Reachability(Options.Create(new CircuitOptions()), TimeProvider.System), TimeSpan.FromSeconds(1), TimeProvider.System, resolve)
            .ConnectAsync,
    };
}
