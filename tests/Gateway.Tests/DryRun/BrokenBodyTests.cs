namespace Gateway.Tests.DryRun;

/// <summary>Holds docs/contract.md section 7: metrics. Who broke the body has no failed publish: it was never one.</summary>
public sealed class BrokenBodyTests
{
    [Theory]
    [InlineData("{\"calendarId\":", 14, 400, "malformed-json")]
    [InlineData("[]", 2, 400, "malformed-json")]
    [InlineData("", 0, 400, "malformed-json")]
    [InlineData("{\"calendarId\":\"c1\"}", 500, 400, "request-body")]
    [InlineData("zz\r\n", -1, 400, "request-body")]
    [InlineData("5\r\n{\"cal", -1, 400, "request-body")]
    public async Task Publish_BrokenBody_IsRejectedAndNotFailed(string body, int length, int status, string code)
    {
        await using var gateway = await new GatewaySetup().Open().StartAsync();
        var framing = length < 0 ? "Transfer-Encoding: chunked" : $"Content-Length: {length}";
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(gateway.PublicAddress.Host, gateway.PublicAddress.Port, TestContext.Current.CancellationToken);
        await using var connection = client.GetStream();
        await connection.WriteAsync(System.Text.Encoding.ASCII.GetBytes(
            $"POST /api/publish HTTP/1.1\r\nHost: a\r\nX-User-Id: ada\r\nConnection: close\r\n{framing}\r\n\r\n{body}"));
        if (length != body.Length)
            client.Client.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        var text = await ReadToEndAsync(connection);

        // Who closes its half is gone for the server, and may get no answer, or a reset; it is counted all the same.
        if (text.Length > 0 || length == body.Length)
        {
            Assert.StartsWith($"HTTP/1.1 {status} ", text, StringComparison.Ordinal);
            Assert.Contains($"\"code\":\"{code}\"", text, StringComparison.Ordinal);
        }

        await Eventually.TrueAsync("the publish is rejected", async () =>
            (await gateway.MetricsAsync()).Value("gateway_publish_requests_total", ("outcome", "rejected")) == 1);
        Assert.Equal(1, (await gateway.MetricsAsync()).Value("gateway_publish_requests_total"));
    }

    private static async Task<string> ReadToEndAsync(Stream connection)
    {
        using var answer = new StreamReader(connection);
        try
        {
            return await answer.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            return "";
        }
    }

    [Fact]
    public async Task Publish_BodyTooSlowOrTooLarge_IsRejectedAndNotFailed()
    {
        await using var gateway = await new GatewaySetup().Open().Option("Limits:RateGracePeriod", "00:00:01.001").StartAsync();
        using var large = await gateway.PostAsync("/api/publish", new { calendarId = new string('x', 1_100_000) }, "ada");
        Assert.Equal("body-too-large", await large.ProblemCodeAsync());

        var slow = await RawHttp.SendAsync(
            gateway.PublicAddress, "POST /api/publish HTTP/1.1\r\nHost: a\r\nX-User-Id: ada\r\nContent-Length: 500\r\n\r\n{");

        Assert.StartsWith("HTTP/1.1 408 ", slow, StringComparison.Ordinal);
        Assert.Equal(1, slow.Split("HTTP/1.1 ").Length - 1);
        Assert.Equal(2, (await gateway.MetricsAsync()).Value("gateway_publish_requests_total", ("outcome", "rejected")));
        Assert.Equal(2, (await gateway.MetricsAsync()).Value("gateway_publish_requests_total"));
    }
}
