using Microsoft.AspNetCore.Http;
using static Gateway.Tests.Wire.WireCase;

namespace Gateway.Tests.Wire;

/// <summary>
/// Whatever becomes of a request once its answer may have begun: one head, one id, one completion line, counted once.
/// Holds docs/contract.md section 3: response headers.
/// </summary>
public sealed class OneAnswerTests : IAsyncLifetime
{
    private const string Json = "Content-Type: application/json";
    private const string Chunked = "Transfer-Encoding: chunked";

    private readonly TlsCertificate _certificate = new();
    private StubBackend _legacy = null!;
    private StubBackend _calendar = null!;

    public async ValueTask InitializeAsync() =>
        (_legacy, _calendar) = (await StubBackend.StartAsync("legacy"), await StubBackend.StartAsync("calendar"));

    public async ValueTask DisposeAsync()
    {
        await _legacy.DisposeAsync();
        await _calendar.DisposeAsync();
        _certificate.Dispose();
    }

    /// <summary>Bodies that break off or are none, on every arm.</summary>
    public static TheoryData<bool, bool> Listeners => new() { { false, false }, { true, false }, { false, true } };

    [Theory]
    [MemberData(nameof(Listeners))]
    public async Task Body_ThatBreaksOff_IsAnsweredOnce(bool open, bool tls)
    {
        await using var gateway = await StartAsync(open, tls);
        string[] bodies =
        [
            "Content-Length: 500\r\n\r\n{", // Too slow, and then too late.
            Chunked + "\r\n\r\nzz\r\n",
            Chunked + "\r\n\r\n-1\r\n",
            Chunked + "\r\n\r\nffffffffffffffffff\r\n",
            Chunked + "\r\n\r\n1\r\n{zz",
            Chunked + "\r\n\r\n1\r\n{\r\nHTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
            "Expect: 100-continue\r\n" + Chunked + "\r\n\r\nzz\r\n",
        ];
        string[] paths = ["/api/publish", "/api/calendar/generate", "/api/calendar/c1/apply", "/form"];
        var talks = paths.SelectMany(path => bodies.Select(async body =>
        {
            var request = $"POST {path} HTTP/1.1\r\nHost: a\r\n{Json}\r\n{body}";
            return (request, answer: await RawConnection.TalkAsync(gateway.PublicAddress, request));
        })).ToArray();

        foreach (var (request, answer) in await Task.WhenAll(talks))
        {
            var answers = RawAnswer.ReadAll(answer);
            Assert.True(answers.Count == 1 && answers[0].Status is 400 or 408, $"{request}\n{answer}");
            var line = await gateway.Logs.CompletionAsync(answers[0].Header("X-Request-Id")!);
            Assert.Equal(answers[0].Status, line.GetProperty("httpStatus").GetInt32());
        }

        Assert.Equal(talks.Length, (await gateway.MetricsAsync()).Value("gateway_requests_total"));
        Assert.Equal(talks.Length, gateway.Logs.All.Count(line => line.TryGetProperty("durationMs", out _)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Requests_InOneBreath_AreAnsweredOnceEach(bool tls)
    {
        await using var gateway = await StartAsync(false, tls);
        var broken = $"POST /api/publish HTTP/1.1\r\nHost: a\r\n{Json}\r\n{Chunked}\r\n\r\nzz\r\n";

        var answer = await RawConnection.TalkAsync(gateway.PublicAddress, Get("/1") + Get("/2") + broken + Get("/3"));

        var answers = RawAnswer.ReadAll(answer);
        Assert.Equal([200, 200, 400], answers.Select(a => a.Status));
        Assert.Equal(3, answers.Select(a => a.Header("X-Request-Id")).Distinct().Count());
        Assert.Equal(3, (await gateway.MetricsAsync()).Value("gateway_requests_total"));
    }

    [Fact]
    public async Task Head_ThatCannotBeRead_AfterAnswersOfEveryKind_IsTheLastOfThem()
    {
        _legacy.Answers(context => context.Request.Path.Value switch
        {
            "/empty" => Task.CompletedTask,
            "/chunked" => context.Response.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"),
            _ => Status(context, 204),
        });
        await using var gateway = await StartAsync(open: false, tls: false);

        var answer = await RawConnection.TalkAsync(
            gateway.PublicAddress, Get("/empty") + Get("/chunked") + Get("/204") + "GET  / HTTP/1.1\r\n\r\n");

        var answers = RawAnswer.ReadAll(answer);
        Assert.Equal([200, 200, 204, 400], answers.Select(a => a.Status));
        Assert.Equal("HTTP/1.1 400 Bad Request\r\n\r\n", answers[1].Body);
        Assert.Equal(("gateway", "close"), (answers[3].Header("X-Served-By"), answers[3].Header("Connection")));
        Assert.Contains(answers[3].Header("X-Request-Id")!, answers[3].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_ThatCannotBeRead_OfAHeadRequest_HasNoBody()
    {
        await using var gateway = await StartAsync(open: false, tls: false);
        var answer = Assert.Single(RawAnswer.ReadAll(
            await RawConnection.TalkAsync(gateway.PublicAddress, "HEAD /x HTTP/1.1\r\n\r\n"), toHead: true));
        Assert.Equal((400, "refused"), (answer.Status, answer.Header("X-Route-Reason")));
    }

    [Fact]
    public async Task Head_ThatCannotBeRead_OverTls_IsABareStatusWithALineAndACount()
    {
        await using var gateway = await StartAsync(open: false, tls: true);
        var answer = Assert.Single(RawAnswer.ReadAll(await RawConnection.TalkAsync(gateway.PublicAddress, "GET / HTTP/1.1\r\n\r\n")));
        Assert.Equal((400, ""), (answer.Status, answer.Body));
        await gateway.Logs.MessageAsync("400 by gateway");
        Assert.Equal(1, (await gateway.MetricsAsync()).Value("gateway_requests_total", ("reason", "refused"), ("code", "4xx")));
    }

    private static Task Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private Task<GatewayHarness> StartAsync(bool open, bool tls)
    {
        var setup = new GatewaySetup(_calendar, _legacy)
            .Option("Limits:MinRequestBodyRate", "100000").Option("Limits:RateGracePeriod", "00:00:01.001");
        if (tls)
        {
            setup.Option("Kestrel:Endpoints:Public:Url", "https://127.0.0.1:0")
                .Option("Kestrel:Endpoints:Public:Certificate:Path", _certificate.Path);
        }

        return (open ? setup.Open() : setup).StartAsync();
    }
}
