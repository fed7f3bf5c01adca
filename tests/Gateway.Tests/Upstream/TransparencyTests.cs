using System.Net.WebSockets;
using System.Text;

namespace Gateway.Tests.Upstream;

/// <summary>What legacy speaks passes untouched (docs/contract.md section 2).</summary>
public sealed class TransparencyTests
{
    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("PROPFIND")]
    [InlineData("X-OWN")]
    public async Task Method_Any_ReachesLegacy(string method)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.Client.SendAsync(GatewayHarness.Request(new(method), "/thing"));

        Assert.Equal((200, "legacy"), ((int)response.StatusCode, response.ServedBy()));
        Assert.Equal(method, legacy.Requests.Single().Method);
    }

    [Theory]
    [InlineData("/a%2Fb")]
    [InlineData("/a%20b/%C3%BC?q=%2F&x=a+b&empty=&flag")]
    [InlineData("//double//slash/")]
    [InlineData("/semi;colon=1/at@and,comma")]
    [InlineData("/percent%25sign")]
    [InlineData("/plus+and%2Bplus")]
    [InlineData("/pipe|brackets[0]")]
    public async Task Target_AnySpelling_ReachesLegacyAsItWasWritten(string target)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        var answer = await RawHttp.SendAsync(gateway.PublicAddress, $"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Equal(target, legacy.Requests.Single().Target);
    }

    [Fact]
    public async Task WebSocket_Messages_EchoThroughTheGateway()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();
        using var socket = new ClientWebSocket();

        await socket.ConnectAsync(new UriBuilder(gateway.PublicAddress) { Scheme = "ws", Path = "/socket" }.Uri, CancellationToken.None);
        await socket.SendAsync("ping"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        var buffer = new byte[16];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        Assert.Equal("ping", Encoding.UTF8.GetString(buffer, 0, received.Count));
        Assert.Equal("/socket", legacy.Requests.Single().Target);
    }

    [Fact]
    public async Task Range_PartialContent_PassesBothWays()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Answers(206, "cde", "text/plain", ("Content-Range", "bytes 2-4/10"), ("Accept-Ranges", "bytes"));
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.GetAsync("/file", null, ("Range", "bytes=2-4"), ("If-Range", "\"v1\""));

        Assert.Equal(
            (206, "bytes 2-4/10", "cde"), ((int)response.StatusCode, response.Header("Content-Range"), await response.TextAsync()));
        Assert.Equal(("bytes=2-4", "\"v1\""), (legacy.Requests[0].Header("Range"), legacy.Requests[0].Header("If-Range")));
    }

    [Fact]
    public async Task NotModified_HasNoBodyAndKeepsItsHeaders()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Answers(304, "", null, ("ETag", "\"v1\""), ("Cache-Control", "max-age=60"));
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.GetAsync("/page", null, ("If-None-Match", "\"v1\""));

        Assert.Equal((304, "\"v1\"", "max-age=60"), ((int)response.StatusCode, response.Header("ETag"), response.Header("Cache-Control")));
    }

    [Fact]
    public async Task Head_ContentLength_IsTheOneOfTheBodyThatIsNotSent()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Answers(context =>
        {
            context.Response.ContentLength = 12345;
            return Task.CompletedTask;
        });
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.Client.SendAsync(GatewayHarness.Request(HttpMethod.Head, "/file"));

        Assert.Equal(12345, response.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(500)]
    public async Task EmptyError_OfLegacy_IsNotRewritten(int status)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Answers(status);
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.GetAsync("/gone");

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        Assert.Null(response.ProxyStatus());
    }

    [Fact]
    public async Task Headers_ManyValuesAndOddOnes_PassBothWays()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Answers(200, "x", "text/html; charset=iso-8859-1", ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; HttpOnly"),
            ("Server", "Legacy/1.0"), ("Via", "1.0 old"), ("X-Empty", ""), ("Link", "</a>; rel=x, </b>; rel=y"));
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.GetAsync(
            "/page", null, ("Cookie", "s=1; t=2"), ("Accept", "text/html, */*;q=0.1"), ("X-Many", "one"), ("X-Many", "two"),
            ("Authorization", "Bearer abc"));

        Assert.Equal(["a=1; Path=/", "b=2; HttpOnly"], response.Headers.GetValues("Set-Cookie"));
        Assert.Equal(("Legacy/1.0", "text/html; charset=iso-8859-1"), (response.Header("Server"), response.Header("Content-Type")));
        var seen = legacy.Requests[0];
        Assert.Equal(("s=1; t=2", "Bearer abc", "text/html, */*;q=0.1"),
            (seen.Header("Cookie"), seen.Header("Authorization"), seen.Header("Accept")));
        Assert.Equal("one, two", string.Join(", ", seen.Headers["X-Many"]));
    }

    [Fact]
    public async Task HeaderBytes_BeyondAscii_PassBothWays()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.Answers(200, "x", "text/plain", ("Content-Disposition", "attachment; filename=größe.txt"));
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        var answer = await RawHttp.SendAsync(
            gateway.PublicAddress, "GET /f HTTP/1.1\r\nHost: x\r\nX-Title: Übersicht\r\nConnection: close\r\n\r\n");

        Assert.Contains("filename=größe.txt", answer, StringComparison.Ordinal);
        Assert.Equal("Übersicht", legacy.Requests.Single().Header("X-Title"));
    }

    [Fact]
    public async Task Headers_NearKestrelsLimit_Pass()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        var big = new string('x', 28_000);
        legacy.Answers(200, "x", "text/plain", ("X-Big-Answer", big));
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        using var response = await gateway.GetAsync("/page", null, ("X-Big", big));

        Assert.Equal(big, legacy.Requests[0].Header("X-Big"));
        Assert.Equal(big, response.Header("X-Big-Answer"));
    }

    [Theory]
    [InlineData("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n")]
    [InlineData("GET /x HTTP/1.1\nHost: x\nConnection: close\n\n")]
    [InlineData("GET /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /x HTTP/1.1\r\nHost: x\r\nX-A : b\r\nConnection: close\r\n\r\n")]
    public async Task Request_ThatTwoParsersWouldReadDifferently_IsRefused(string request)
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();

        var answer = await RawHttp.SendAsync(gateway.PublicAddress, request);

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Empty(legacy.Requests);
    }
}
