using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests.Upstream;

/// <summary>
/// A backend that closes a kept connection at the moment of the next request: the two cross, and a reset comes instead of an end.
/// Holds docs/contract.md section 4: falling back.
/// </summary>
public sealed class KeptConnectionTests
{
    [Theory]
    [InlineData("GET", null, 200)]
    [InlineData("HEAD", null, 200)]
    [InlineData("OPTIONS", null, 200)]
    [InlineData("DELETE", null, 200)]
    [InlineData("PUT", "x", 502)]
    [InlineData("POST", null, 502)]
    [InlineData("POST", "x", 502)]
    [InlineData("PATCH", null, 502)]
    public async Task Connection_ResetByTheNextRequest_IsReplacedForWhatHasNoBodyAndDoesNoHarmTwice(string method, string? body, int status)
    {
        await using var legacy = new OneAnswerBackend();
        await using var gateway = await StartAsync(legacy);
        (await gateway.Client.GetAsync(new Uri("/first", UriKind.Relative))).Dispose();

        using var content = body is null ? null : new StringContent(body);
        using var response = await gateway.Client.SendAsync(GatewayHarness.Request(new(method), "/second", null, content));

        Assert.Equal((status, status == 200 ? null : "gateway; error=connection_terminated"),
            ((int)response.StatusCode, response.ProxyStatus()));
        Assert.Equal(status == 200 ? 3 : 2, legacy.Requests);
    }

    /// <summary>Who never answered on it was there to be asked: only the client underneath's own rules count then.</summary>
    [Fact]
    public async Task Connection_ResetByItsFirstRequest_IsNotReplaced()
    {
        await using var legacy = new OneAnswerBackend { Answers = 0 };
        await using var gateway = await StartAsync(legacy);

        using var response = await gateway.Client.GetAsync(new Uri("/first", UriKind.Relative));

        Assert.Equal((502, 1), ((int)response.StatusCode, legacy.Requests));
    }

    /// <summary>The answer had begun: a reset is no end of its body, although the body has no other end.</summary>
    [Fact]
    public async Task Connection_ResetInABody_IsNoEndOfIt()
    {
        await using var legacy = new OneAnswerBackend { Second = "HTTP/1.1 200 OK\r\nX-Own: 2\r\n\r\nhalf" };
        await using var gateway = await StartAsync(legacy);
        (await gateway.Client.GetAsync(new Uri("/first", UriKind.Relative))).Dispose();

        using var response = await gateway.Client.GetAsync(new Uri("/second", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal("2", response.Headers.GetValues("X-Own").Single());
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync());
        Assert.Equal(2, legacy.Requests);
    }

    private static Task<GatewayHarness> StartAsync(OneAnswerBackend legacy) => new GatewaySetup()
        .Edit(c => c.Clusters["legacy"]!["Destinations"]!["legacy-1"]!["Address"] = legacy.Address.ToString()).StartAsync();

    /// <summary>Answers a number of requests on each connection, one by default, and resets it at the next.</summary>
    private sealed class OneAnswerBackend : RawServer
    {
        private int _requests;

        public int Answers { get; init; } = 1;

        /// <summary>Written before the reset.</summary>
        public string Second { get; init; } = "";

        public int Requests => Volatile.Read(ref _requests);

        protected override async Task ServeAsync(Socket connection, CancellationToken stop)
        {
            var buffer = new byte[16 * 1024];
            for (var i = 0; await connection.ReceiveAsync(buffer, stop) > 0; i++)
            {
                Interlocked.Increment(ref _requests);
                if (i < Answers)
                {
                    await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), stop);
                    continue;
                }

                await connection.SendAsync(Encoding.ASCII.GetBytes(Second), stop);
                if (Second.Length > 0)
                    await Task.Delay(100, stop); // A reset may overtake what was sent.
                connection.LingerState = new LingerOption(enable: true, seconds: 0);
                return;
            }
        }
    }
}
