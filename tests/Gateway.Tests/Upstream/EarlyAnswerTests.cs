using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests.Wire;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Tests.Upstream;

/// <summary>Holds docs/contract.md section 2: a backend answers an upload before it has read it.</summary>
public sealed class EarlyAnswerTests
{
    private const string TooLarge =
        "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Type: text/plain\r\nX-Own: yes\r\nContent-Length: 9\r\n\r\ntoo large";

    private const string Denied = "HTTP/1.1 401 Denied\r\nWWW-Authenticate: Bearer\r\nContent-Length: 9\r\n\r\ntoo large";

    private const string Chunked =
        "HTTP/1.1 413 Too Large\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ntoo \r\n5\r\nlarge\r\n0\r\n\r\n";

    private const string Interim = "HTTP/1.1 102 Processing\r\n\r\n" + TooLarge;
    private const string Empty = "HTTP/1.1 401 Denied\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    private const string Fine = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\ntoo large";

    private static readonly byte[] Large = RandomNumberGenerator.GetBytes(5_000_000);

    public static TheoryData<string, int, Ending, int, string> Answers => new()
    {
        { TooLarge, 0, Ending.Close, 413, "too large" },
        { TooLarge, 100_000, Ending.Close, 413, "too large" },
        { TooLarge, 0, Ending.ReadOn, 413, "too large" },
        { Denied, 0, Ending.Close, 401, "too large" },
        { Denied, 1, Ending.ReadOn, 401, "too large" },
        { Denied, 0, Ending.Idle, 401, "too large" },
        { Chunked, 0, Ending.Close, 413, "too large" },
        { Chunked, 0, Ending.Idle, 413, "too large" },
        { Interim, 0, Ending.Close, 413, "too large" },
        { Empty, 0, Ending.Close, 401, "" },
        { Empty, 0, Ending.Idle, 401, "" },
        { Fine, 1000, Ending.Close, 200, "too large" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Upload_BackendAnswersEarly_PassesItsAnswer(string answer, int reads, Ending ending, int status, string body)
    {
        await using var legacy = new EarlyBackend(answer, reads, ending);
        await using var gateway = await StartAsync(legacy);

        string[] methods = ["POST", "PUT", "POST", "PUT"];
        await Task.WhenAll(methods.SelectMany(method => new[] { (method, false), (method, true) }).Select(async upload =>
        {
            using HttpContent content = upload.Item2
                ? new LiveContent(stream => stream.WriteAsync(Large).AsTask())
                : new ByteArrayContent(Large);
            using var response = await gateway.Client.SendAsync(GatewayHarness.Request(new(upload.method), "/files", null, content));
            Assert.Equal((status, "legacy", "ungated"), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
            Assert.Equal(body, await response.TextAsync());
            Assert.Null(response.ProxyStatus());
        }));

        Assert.Equal(0, (await gateway.MetricsAsync()).Value("gateway_circuit_state", ("backend", "legacy")));
        Assert.DoesNotContain(gateway.Logs.All, l => l.GetProperty("level").GetString() is "warning" or "error");
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Upload_Http2OnEitherSide_PassesTheEarlyAnswer(bool before, bool behind)
    {
        await using var legacy = await StubBackend.StartAsync("legacy", behind ? HttpProtocols.Http2 : HttpProtocols.Http1);
        legacy.ReadsBody = false;
        legacy.Answers(413, "too large");
        await using var gateway = await new GatewaySetup(null, legacy).Edit(c => c.Clusters["legacy"]!["HttpRequest"] = new JsonObject
        {
            ["Version"] = behind ? "2" : "1.1", ["VersionPolicy"] = "RequestVersionExact",
        }).StartAsync();

        for (var i = 0; i < 8; i++)
        {
            using var content = i % 2 == 0 ? new ByteArrayContent(Large) : (HttpContent)new LiveContent(s => s.WriteAsync(Large).AsTask());
            using var request = GatewayHarness.Request(HttpMethod.Put, "/files", null, content);
            if (before)
                (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
            using var response = await gateway.Client.SendAsync(request);
            Assert.Equal((413, "legacy", "too large"), ((int)response.StatusCode, response.ServedBy(), await response.TextAsync()));
        }

        Assert.DoesNotContain(gateway.Logs.All, l => l.GetProperty("level").GetString() is "warning" or "error");
    }

    /// <summary>
    /// A client that has the whole answer may end its upload short of the length it announced. The server resets a stream for that, so the
    /// answer's end has to be there first. Afterwards the stream is open for a while: what is sent on it is no error.
    /// </summary>
    [Fact]
    public async Task Upload_Http2InFront_TheAnswerEndsBeforeTheUploadIsOver()
    {
        const string Fields = "\u0002\u0004POST\u0086\u0004\u0002/f\u0001\u0001a\u000f\u000d\u00041000"; // Names of the static table.
        const string LastData = "\0\u0001\0\0\0\u0001";
        const string Ping = "\0\0\u0008\u0006\0\0\0\0\0too late";
        const string Pong = "\0\0\u0008\u0006\u0001\0\0\0\0too late";
        const string ResetWithoutError = "\0\0\u0004\u0003\0\0\0\0\u0001\0\0\0\0";
        await using var legacy = new EarlyBackend(Chunked, 5, Ending.Idle);
        await using var gateway = await StartAsync(legacy);
        using var connection = await RawConnection.OpenAsync(gateway.PublicAddress);

        await connection.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0"
            + $"\0\0{(char)Fields.Length}\u0001\u0004\0\0\0\u0001{Fields}" + "\0\0\u0005\0\0\0\0\0\u0001hello");
        var reading = connection.ReadUntilAsync(ResetWithoutError);
        for (var i = 0; i < 300 && !reading.IsCompleted; i++)
        {
            await connection.WriteAsync("\0\0\u0001\0\0\0\0\0\u0001x" + Ping);
            await Task.WhenAny(reading, Task.Delay(50));
        }

        var answer = (await reading).Split(ResetWithoutError)[0];
        Assert.Contains("large", answer, StringComparison.Ordinal);
        Assert.Contains(Pong, answer.Split(LastData)[1], StringComparison.Ordinal);
    }

    /// <summary>The client sees the answer while it is still sending, and it does not have to go on.</summary>
    [Theory]
    [InlineData(Ending.Close)]
    [InlineData(Ending.ReadOn)]
    [InlineData(Ending.Idle)]
    public async Task Upload_ClientWaitsForTheAnswer_GetsItWhole(Ending ending)
    {
        await using var legacy = new EarlyBackend(Chunked, 5, ending);
        await using var gateway = await StartAsync(legacy);
        using var client = new TcpClient();
        await client.ConnectAsync(gateway.PublicAddress.Host, gateway.PublicAddress.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /files HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nhello"));

        var answer = new StringBuilder();
        var buffer = new byte[1000];
        while (!answer.ToString().EndsWith("0\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(5));
            Assert.True(read > 0, $"cut after: {answer}");
            answer.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        Assert.StartsWith("HTTP/1.1 413", answer.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The framework's client writes a whole body before it reads, and both sides of an echo would wait for ever.</summary>
    [Fact]
    public async Task Upload_BackendAnswersWhileItReads_BothGoOn()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        legacy.ReadsBody = false;
        legacy.Answers(async context =>
        {
            context.Response.ContentLength = context.Request.ContentLength;
            await context.Request.Body.CopyToAsync(context.Response.Body, 4096, context.RequestAborted);
        });
        await using var gateway = await new GatewaySetup(null, legacy).StartAsync();
        var echo = RandomNumberGenerator.GetBytes(20_000_000);
        using var client = new TcpClient();
        await client.ConnectAsync(gateway.PublicAddress.Host, gateway.PublicAddress.Port);
        await using var stream = client.GetStream();

        // Twice: a connection that carried its upload to the end carries the next one too. The test reads while it writes.
        for (var i = 0; i < 2; i++)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {echo.Length}\r\n\r\n"));
            var writing = stream.WriteAsync(echo).AsTask();
            var head = new StringBuilder();
            var one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                await stream.ReadExactlyAsync(one);
                head.Append((char)one[0]);
            }

            var back = new byte[echo.Length];
            await stream.ReadExactlyAsync(back).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
            await writing;
            Assert.StartsWith("HTTP/1.1 200", head.ToString(), StringComparison.Ordinal);
            Assert.True(echo.AsSpan().SequenceEqual(back));
        }
    }

    [Fact]
    public async Task Publish_TooLargeTwelveTimes_MovesNobody()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.ReadsBody = false;
        calendar.Answers(413, "too large", "text/plain", ("Connection", "close"));
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().StartAsync();

        for (var i = 0; i < 12; i++)
        {
            using var content = new ByteArrayContent(Large);
            using var response = await gateway.Client.SendAsync(GatewayHarness.Request(HttpMethod.Post, "/api/publish", "alice", content));
            Assert.Equal((413, "calendar", "in-cohort"), ((int)response.StatusCode, response.ServedBy(), response.Reason()));
        }

        var metrics = await gateway.MetricsAsync();
        Assert.Equal(0, metrics.Value("gateway_circuit_state", ("backend", "calendar")));
        Assert.Equal(12, metrics.Value("gateway_publish_requests_total", ("backend", "calendar"), ("outcome", "rejected")));
        Assert.Equal(0, metrics.Value("gateway_fallbacks_total"));
    }

    /// <summary>What was not yet read goes to whoever answers instead, whatever way its length is told.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Refusal_UploadStillRunning_ReachesTheNextBackendWhole(bool declared)
    {
        await using var calendar = new EarlyBackend(
            "HTTP/1.1 503 Full\r\nX-Not-Accepted: true\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 5, Ending.Close);
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(null, legacy).Open()
            .Edit(c => c.Clusters["calendar"]!["Destinations"]!["calendar-1"]!["Address"] = calendar.Address.ToString()).StartAsync();
        var body = RandomNumberGenerator.GetBytes(40_000);
        using var content = new LiveContent(
            async stream =>
            {
                for (var sent = 0; sent < body.Length; sent += 1000)
                {
                    await stream.WriteAsync(body.AsMemory(sent, 1000));
                    await stream.FlushAsync();
                    await Task.Delay(1);
                }
            },
            declared ? body.Length : null);

        using var response = await gateway.Client.SendAsync(GatewayHarness.Request(HttpMethod.Post, "/api/calendar/c1/apply", "ada", content));

        Assert.Equal(("legacy", "refused"), (response.ServedBy(), response.Reason()));
        Assert.True(body.AsSpan().SequenceEqual(legacy.Requests.Single().Body));
    }

    private static Task<GatewayHarness> StartAsync(EarlyBackend legacy) => new GatewaySetup()
        .Option("Upstream:Circuit:MinimumThroughput", "2")
        .Edit(c => c.Clusters["legacy"]!["Destinations"]!["legacy-1"]!["Address"] = legacy.Address.ToString()).StartAsync();
}
