using Gateway.Tests.Wire;
using static Gateway.Tests.Wire.WireCase;

namespace Gateway.Tests.Upstream;

/// <summary>
/// Heads, statuses and trailers of a backend's answer, byte for byte at both ends.
/// Holds docs/contract.md section 2: what legacy speaks passes.
/// </summary>
public sealed class AnswerHeadTests : IAsyncLifetime
{
    private readonly RawUpstream _legacy = new();
    private GatewayHarness _gateway = null!;

    public async ValueTask InitializeAsync() => _gateway = await new GatewaySetup().Edit(config =>
        config.Clusters["legacy"]!["Destinations"]!["legacy-1"]!["Address"] = _legacy.Address.ToString()).StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _legacy.DisposeAsync();
    }

    [Theory]
    [InlineData("204 No Content", "Content-Length: 5", null)]
    [InlineData("204 No Content", "Content-Length: 0", null)]
    [InlineData("204 No Content", "Trailer: X-Sum", null)]
    [InlineData("204 No Content", "X-A: b", null)]
    [InlineData("205 Reset Content", "Content-Length: 5", "0")]
    [InlineData("205 Reset Content", "Content-Length: 0", "0")]
    [InlineData("304 Not Modified", "Content-Length: 5", "5")]
    public async Task Answer_WithoutABody_HasItsStatusAndTheConnectionGoesOn(string status, string header, string? length)
    {
        foreach (var method in (string[])["GET", "HEAD"])
        {
            var body = status.StartsWith("205", StringComparison.Ordinal) && method == "GET" && header.EndsWith('5') ? "hello" : "";
            _legacy.Answers = (_, write) => write($"HTTP/1.1 {status}\r\n{header}\r\n\r\n{body}");

            var answers = await AskAsync(Head(method, "/a") + Head(method, "/b", "Connection: close"), toHead: method == "HEAD");

            Assert.Equal([status[..3], status[..3]], answers.Select(a => $"{a.Status}"));
            Assert.All(answers, a => Assert.Equal("legacy", a.Header("X-Served-By")));
            if (method == "GET")
                Assert.All(answers, a => Assert.Equal((length, ""), (a.Header("Content-Length"), a.Body)));
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 099 Odd")]
    [InlineData("HTTP/1.1 000 Odd")]
    [InlineData("HTTP/1.1 1000 Odd")]
    [InlineData("HTTP/1.1 20 Odd")]
    [InlineData("HTTP/1.1 abc Odd")]
    [InlineData("HTTP/1.1 -20 Odd")]
    [InlineData("HTTP/1.1")]
    [InlineData("garbage")]
    public async Task StatusLine_ThatIsNone_Is502(string line)
    {
        _legacy.Answers = (_, write) => write($"{line}\r\nContent-Length: 2\r\n\r\nok");
        var answer = Assert.Single(await AskAsync(Get("/a", "Connection: close")));
        Assert.Equal((502, "gateway", "gateway; error=http_protocol_error"),
            (answer.Status, answer.Header("X-Served-By"), answer.Header("Proxy-Status")));
    }

    /// <summary>Nobody asked for it with <c>TE</c>, and passed on it would look like the body itself.</summary>
    [Theory]
    [InlineData("gzip, chunked", "1\r\nz\r\n0\r\n\r\n")]
    [InlineData("gzip", "z")]
    [InlineData("deflate\r\nTransfer-Encoding: chunked", "1\r\nz\r\n0\r\n\r\n")]
    public async Task TransferCoding_OtherThanChunked_Is502(string codings, string body)
    {
        _legacy.Answers = async (_, write) =>
        {
            await write($"HTTP/1.1 200 OK\r\nTransfer-Encoding: {codings}\r\n\r\n{body}");
            throw new IOException("Closed by the test.");
        };
        var answer = Assert.Single(await AskAsync(Get("/a", "Connection: close")));
        Assert.Equal((502, "gateway", "gateway; error=http_protocol_error"),
            (answer.Status, answer.Header("X-Served-By"), answer.Header("Proxy-Status")));
    }

    [Theory]
    [InlineData("HTTP/1.1 200", 200)]
    [InlineData("HTTP/1.1 200 ", 200)]
    [InlineData("HTTP/1.1 299 Own", 299)]
    [InlineData("HTTP/1.1 999 Denied", 999)]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK", 200)]
    public async Task StatusLine_ThatIsOdd_Passes(string line, int status)
    {
        _legacy.Answers = (_, write) => write($"{line}\r\nContent-Length: 2\r\n\r\nok");
        var answer = Assert.Single(await AskAsync(Get("/a", "Connection: close")));
        Assert.Equal((status, "ok"), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task Header_NominatedInTheAnswersConnection_EndsHere()
    {
        _legacy.Answers = (_, write) => write(
            "HTTP/1.1 200 OK\r\nConnection: X-Hop ,keep-alive, x-other, Content-Length, X-Served-By\r\nX-Hop: 1\r\nX-Other: 1\r\n"
            + "X-Kept: 1\r\nKeep-Alive: 5\r\nContent-Length: 2\r\n\r\nok");
        var answer = Assert.Single(await AskAsync(Get("/a", "Connection: close")));
        Assert.Equal((null, null, null, "1"),
            (answer.Header("X-Hop"), answer.Header("X-Other"), answer.Header("Keep-Alive"), answer.Header("X-Kept")));
        Assert.Equal(("2", "ok", "legacy"), (answer.Header("Content-Length"), answer.Body, answer.Header("X-Served-By")));
    }

    [Theory]
    [InlineData("Trailer: X-Sum\r\n", "2\r\nok\r\n1\r\n!\r\n0\r\nX-Sum: 7\r\n", "ok!", "X-Sum=7")]
    [InlineData("Trailer: X-Sum\r\n", "0\r\nX-Sum: 7\r\n", "", "X-Sum=7")]
    [InlineData("Trailer: X-Sum, X-B\r\n", "2\r\nok\r\n0\r\nX-Sum: \u00fc\r\nX-B: 1\r\n", "ok", "X-Sum=\u00fc,X-B=1")]
    [InlineData("Trailer: X-Sum\r\n", "2\r\nok\r\n0\r\n", "ok", "")]
    [InlineData("Trailer: Content-Length, X-A\r\n", "2\r\nok\r\n0\r\nContent-Length: 9\r\nX-A: 1\r\n", "ok", "X-A=1")]
    [InlineData("", "2\r\nok\r\n0\r\nX-Sum: 7\r\n", "ok", "")]
    public async Task Trailers_OverHttp11_PassIfTheyAreAnnounced(string announced, string chunks, string body, string trailers)
    {
        _legacy.Answers = (_, write) => write($"HTTP/1.1 200 OK\r\n{announced}Transfer-Encoding: chunked\r\n\r\n{chunks}\r\n");
        var answers = await AskAsync(Get("/a") + Get("/b", "Connection: close"));
        Assert.Equal(2, answers.Count);
        Assert.All(answers, a => Assert.Equal(
            (body, trailers, announced.Length > 0),
            (a.Body, string.Join(',', a.Trailers.Select(t => $"{t.Name}={t.Value}")), a.Header("Trailer") is not null)));
    }

    [Fact]
    public async Task Trailers_WhereNoneCanFollow_AreNotAnnounced()
    {
        _legacy.Answers = (_, write) => write("HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nContent-Length: 2\r\n\r\nok");
        Assert.Null(Assert.Single(await AskAsync(Get("/a", "Connection: close"))).Header("Trailer"));
        await AskAsync("POST /a HTTP/1.1\r\nHost: a\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            + "1\r\na\r\n0\r\nX-T: 1\r\n\r\n");
        Assert.Empty(_legacy.Requests[^1].Values("Trailer"));
    }

    [Theory]
    [InlineData("200 OK", "application/x-ndjson", true)]
    [InlineData("200 OK", "application/json", false)]
    [InlineData("200 OK", "application/octet-stream", false)]
    [InlineData("200 OK", "application/grpc", true)]
    [InlineData("500 Internal Server Error", "text/plain", true)]
    [InlineData("404 Not Found", "text/html", false)]
    public async Task Head_OfASlowBody_GoesOutWhenItComes_AndSoDoesEachPiece(string status, string type, bool chunked)
    {
        var (headRead, pieceRead) = (new TaskCompletionSource(), new TaskCompletionSource());
        _legacy.Answers = async (_, write) =>
        {
            await write($"HTTP/1.1 {status}\r\nContent-Type: {type}\r\n"
                + (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: 4\r\n\r\n"));
            await headRead.Task.WaitAsync(TimeSpan.FromSeconds(20));
            await write(chunked ? "2\r\nab\r\n" : "ab");
            await pieceRead.Task.WaitAsync(TimeSpan.FromSeconds(20));
            await write(chunked ? "2\r\ncd\r\n0\r\n\r\n" : "cd");
        };
        using var connection = await RawConnection.OpenAsync(_gateway.PublicAddress);
        await connection.WriteAsync(Get("/slow", "Connection: close"));

        var head = await connection.ReadUntilAsync("\r\n\r\n");
        Assert.EndsWith("\r\n\r\n", head, StringComparison.Ordinal);
        headRead.SetResult();
        var first = await connection.ReadUntilAsync("ab");
        Assert.DoesNotContain("cd", first, StringComparison.Ordinal);
        pieceRead.SetResult();

        var answer = Assert.Single(RawAnswer.ReadAll(head + first + await connection.ReadToEndAsync()));
        Assert.Equal((status[..3], "abcd"), ($"{answer.Status}", answer.Body));
    }

    private async Task<IReadOnlyList<RawAnswer>> AskAsync(string bytes, bool toHead = false) =>
        RawAnswer.ReadAll(await RawConnection.TalkAsync(_gateway.PublicAddress, bytes), toHead);
}
