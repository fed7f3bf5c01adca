using System.Net;
using System.Text;
using System.Text.Json;
using static Gateway.Tests.Wire.WireCase;

namespace Gateway.Tests.Wire;

/// <summary>
/// What Kestrel refuses before any middleware is answered, logged and counted like every other refusal.
/// Holds docs/contract.md section 3: the decision.
/// </summary>
public sealed class BareRefusalTests : IAsyncLifetime
{
    private StubBackend _legacy = null!;
    private StubBackend _calendar = null!;
    private GatewayHarness _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        (_legacy, _calendar) = (await StubBackend.StartAsync("legacy"), await StubBackend.StartAsync("calendar"));
        _gateway = await new GatewaySetup(_calendar, _legacy).Open().StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _legacy.DisposeAsync();
        await _calendar.DisposeAsync();
    }

    [Theory]
    [InlineData("no host", "GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("no such version", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505)]
    [InlineData("after an answer without a body", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET  / HTTP/1.1\r\n\r\n", 400)]
    public async Task Request_ThatKestrelCannotRead_GetsTheHeadersAProblemALineAndACount(string name, string bytes, int status)
    {
        var answer = await WireClient.TalkAsync(Public, new WireCase(name, bytes, []));

        var refusal = answer[answer.LastIndexOf("HTTP/1.1 ", StringComparison.Ordinal)..];
        Assert.StartsWith($"HTTP/1.1 {status} ", refusal, StringComparison.Ordinal);
        Assert.Contains("X-Served-By: gateway\r\nX-Route-Reason: refused\r\nProxy-Status: gateway; error=http_request_error\r\n", refusal,
            StringComparison.Ordinal);
        Assert.Matches("\r\nDate: [A-Z][a-z]{2}, .* GMT\r\n", refusal);
        var problem = JsonSerializer.Deserialize<JsonElement>(refusal[(refusal.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        var id = problem.GetProperty("requestId").GetString()!;
        Assert.Contains($"X-Request-Id: {id}\r\n", refusal, StringComparison.Ordinal);

        var line = await _gateway.Logs.CompletionAsync(id);
        Assert.Equal(status, line.GetProperty("httpStatus").GetInt32());
        Assert.Equal("refused", line.GetProperty("reason").GetString());
        using var ordinary = await _gateway.GetAsync("/page");
        Assert.Equal(Keys(await _gateway.Logs.CompletionAsync(ordinary)), Keys(line));
        var metrics = await _gateway.MetricsAsync();
        Assert.Equal(1, metrics.Value(
            "gateway_requests_total", ("route", "none"), ("backend", "gateway"), ("reason", "refused"), ("code", $"{status / 100}xx")));
    }

    [Fact]
    public async Task Body_ThatLooksLikeARefusal_IsPassedOn()
    {
        const string Text = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        _legacy.Answers(async context =>
        {
            context.Response.ContentLength = Text.Length;
            await context.Response.StartAsync();
            await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(Text));
        });
        var answer = await WireClient.TalkAsync(Public, new WireCase("a refusal as a text", Get("/text"), []));
        Assert.Contains("\r\n\r\n" + Text, answer, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Keys(JsonElement line) => line.EnumerateObject().Select(member => member.Name);

    private IPEndPoint Public => new(IPAddress.Loopback, _gateway.PublicAddress.Port);
}
