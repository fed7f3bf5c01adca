using Fuzz;

namespace SystemTests.Fuzzing;

/// <summary>
/// A short run of what <c>tests/Fuzz</c> does for an hour: whatever is asked, no 5xx that is not documented, no hang, no second head, no
/// stack trace and no planted secret in a log line. Holds docs/contract.md section 8: logs.
/// </summary>
public sealed class FuzzTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(20261126)]
    public async Task Requests_OfASeed_AreAllAnswered(int seed)
    {
        await using var system = await FuzzedSystem.StartAsync(
            Repository.Root, Path.GetRelativePath(Path.Combine(Repository.Root, "tests", "System.Tests"), AppContext.BaseDirectory));
        var fuzzer = new Fuzzer(new FuzzTarget(system.Ports, system.Run, TimeSpan.FromSeconds(30)), seed);

        await fuzzer.RunAsync(0, 600, clients: 8, TestContext.Current.CancellationToken);

        Assert.Empty(fuzzer.Findings.Select(finding => $"{finding.Request.Id} {finding.Request.Kind}: {finding.Fault}"));
        Assert.Empty(system.LogFindings);
        Assert.False(system.AnyEnded);
        Assert.Equal(600, fuzzer.Totals.Values.Sum());
    }

    [Fact]
    public void Request_OfASeedAndANumber_IsAlwaysTheSame() =>
        Assert.Equal(new RequestMaker(7, "r").Make(42).Bytes, new RequestMaker(7, "r").Make(42).Bytes);

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 500 Oh\r\n\r\n", 2, 200)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 1, 100)]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n{\"a\":\"HTTP/1.1\"}", 1, 400)]
    [InlineData("", 0, 0)]
    public void Answer_WithHeads_IsCounted(string answer, int heads, int status)
    {
        var bytes = System.Text.Encoding.Latin1.GetBytes(answer);

        Assert.Equal((heads, status), (Exchange.CountHeads(bytes), Exchange.Status(bytes)));
    }

    [Theory]
    [InlineData("{\"exception\":\"E: m\\n   at A.B()\"}")]
    [InlineData("{\"message\":\"token canary-fuzz-7d1e93\"}")]
    [InlineData("Unhandled exception. System.E")]
    public void Line_WithATraceOrASecret_IsAFinding(string line) => Assert.NotNull(LogJudge.FaultOf(line));
}
