using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests.Upstream;

/// <summary>Small bodies, however their bytes come: with the head, after it, in parts. Holds docs/contract.md sections 2 and 4.</summary>
public sealed class WholeBodyTests
{
    public static TheoryData<int, int> Cuts => new() { { 1, 1 }, { 500, 500 }, { 500, 0 }, { 500, 1 }, { 500, 499 }, { 3072, 3072 }, { 3073, 3073 } };

    /// <param name="length">Of the body.</param>
    /// <param name="first">How much of it comes with the head; the rest comes later.</param>
    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Body_HoweverItComes_ArrivesOnceAndUnchanged_AlsoAtTheNextBackend(int length, int first)
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        await using var legacy = await StubBackend.StartAsync("legacy");
        calendar.Answers(503, "no", "text/plain", ("X-Not-Accepted", "true"));
        await using var gateway = await new GatewaySetup(calendar, legacy).Open().StartAsync();

        var body = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + (i % 26)))));
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(gateway.PublicAddress.Host, gateway.PublicAddress.Port);
        await using var stream = client.GetStream();
        for (var request = 0; request < 2; request++)
        {
            var head = Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"POST /api/calendar/c1/apply HTTP/1.1\r\nHost: x\r\nX-User-Id: ada\r\nContent-Length: {length}\r\n\r\n"));
            await stream.WriteAsync(head.Concat(body[..first]).ToArray());
            if (first < length)
            {
                await Task.Delay(100);
                await stream.WriteAsync(body.AsMemory(first));
            }

            var answer = await ReadChunkedAsync(stream);
            Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
            Assert.Contains("X-Served-By: legacy", answer, StringComparison.Ordinal);
            Assert.Contains("X-Route-Reason: refused", answer, StringComparison.Ordinal);
        }

        Assert.All(calendar.Requests.Concat(legacy.Requests), received => Assert.Equal(body, received.Body));
        Assert.Equal((2, 2), (calendar.Requests.Count, legacy.Requests.Count));
    }

    [Fact]
    public async Task Body_OverItsRoutesLimit_IsRefused_HoweverSmall()
    {
        await using var legacy = await StubBackend.StartAsync("legacy");
        await using var gateway = await new GatewaySetup(legacy: legacy)
            .Edit(config => config.Routes["legacy"]!["MaxRequestBodySize"] = 100).StartAsync();

        using var fits = await gateway.Client.PostAsync("/files", new ByteArrayContent(new byte[100]));
        using var tooLarge = await gateway.Client.PostAsync("/files", new ByteArrayContent(new byte[101]));

        Assert.Equal((200, 413), ((int)fits.StatusCode, (int)tooLarge.StatusCode));
        Assert.Single(legacy.Requests);
    }

    [Fact]
    public async Task Body_OfADryRunAfterAFailedTry_IsReadFromItsBeginning()
    {
        await using var calendar = await StubBackend.StartAsync("calendar");
        calendar.Answers(503, "no", "text/plain", ("X-Not-Accepted", "true"));
        await using var gateway = await new GatewaySetup(calendar).Open().StartAsync();

        using var response = await gateway.PostAsync("/api/publish", new { calendarId = "c1", dryRun = true }, "ada");

        Assert.Equal((200, "dry-run"), ((int)response.StatusCode, response.ServedBy()));
        Assert.Single(calendar.Requests);
    }

    private static async Task<string> ReadChunkedAsync(NetworkStream stream)
    {
        var answer = "";
        var buffer = new byte[4096];
        while (!answer.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
            Assert.NotEqual(0, read);
            answer += Encoding.Latin1.GetString(buffer, 0, read);
        }

        return answer;
    }
}
