using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.Tests.Logs;

/// <summary>docs/contract.md section 8: each request ends in exactly one completion line, however it ends.</summary>
public sealed partial class CompletionLineTests
{
    private const string Id = "request-1";

    [Fact]
    public async Task Line_OfALabelledRequest_IsByteForByte()
    {
        await using var host = await CompletionHost.StartAsync();
        using var request = CompletionHost.Request("/labelled?secret=1", Id);
        request.Headers.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        using var answer = await host.Client.SendAsync(request);
        await host.StopAndReadAsync(Id);

        Assert.Equal(
            """
            {"timestamp":"T","level":"information","program":"test","logger":"Serilog.AspNetCore.RequestLoggingMiddleware",
            "message":"GET /labelled 200 by a-backend in D ms (status 200, route a-route, reason in-cohort, outcome ok)",
            "requestId":"request-1","userId":"ada","channel":"x,linkedin","calendarId":"spring","runId":"r1","status":"200",
            "traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"S","method":"GET","path":"/labelled","httpStatus":200,
            "route":"a-route","backend":"a-backend","reason":"in-cohort","outcome":"ok","durationMs":D}
            """.ReplaceLineEndings(""),
            Fixed(host.RawCompletion(Id)));
    }

    [Fact]
    public async Task Line_OfARequestNobodyLabelled_HasEveryKey()
    {
        await using var host = await CompletionHost.StartAsync();
        using var request = CompletionHost.Request("/a%20b%22", Id);
        request.Headers.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        using var answer = await host.Client.SendAsync(request);
        await host.StopAndReadAsync(Id);

        Assert.Equal(
            """
            {"timestamp":"T","level":"information","program":"test","logger":"Serilog.AspNetCore.RequestLoggingMiddleware",
            "message":"GET /a b\" 404 by null in D ms (status 404, route null, reason null, outcome null)",
            "requestId":"request-1","userId":null,"channel":null,"calendarId":null,"runId":null,"status":"404",
            "traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"S","method":"GET","path":"/a b\"","httpStatus":404,
            "route":null,"backend":null,"reason":null,"outcome":null,"durationMs":D}
            """.ReplaceLineEndings(""),
            Fixed(host.RawCompletion(Id)));
    }

    [Theory]
    [InlineData("/", 200)]
    [InlineData("/nowhere", 404)]
    [InlineData("/failing-probe", 503)]
    [InlineData("/refuses", 413)]
    public async Task Request_ThatIsAnswered_HasOneLineAndNoOther(string path, int status)
    {
        await using var host = await CompletionHost.StartAsync();
        using var answer = await host.Client.SendAsync(CompletionHost.Request(path, Id));
        var line = Assert.Single(await host.StopAndReadAsync(Id));

        Assert.Equal(status, (int)answer.StatusCode);
        AssertCompletion(line, status);
    }

    [Theory]
    [InlineData("/throws")]
    [InlineData("/throws-after-length")]
    public async Task Exception_BeforeTheHead_IsAProblemOneErrorLineAndOneCompletion(string path)
    {
        await using var host = await CompletionHost.StartAsync();
        using var answer = await host.Client.SendAsync(CompletionHost.Request(path, Id));
        var problem = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
        var lines = await host.StopAndReadAsync(Id);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal(Id, problem.GetProperty("requestId").GetString());
        Assert.Equal(2, lines.Count);
        AssertUnhandled(lines[0], "before the head");
        AssertCompletion(lines[1], 500);
    }

    [Fact]
    public async Task Exception_AfterTheHead_CutsTheConnectionWithOneErrorLineAndOneCompletion()
    {
        await using var host = await CompletionHost.StartAsync();
        using var answer = await host.Client.SendAsync(CompletionHost.Request("/aborts", Id), HttpCompletionOption.ResponseHeadersRead);
        host.HeadIsRead();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => answer.Content.ReadAsStringAsync());
        var lines = await host.StopAndReadAsync(Id);

        Assert.Equal(2, lines.Count);
        AssertUnhandled(lines[0], "after the head");
        AssertCompletion(lines[1], 200);
    }

    [Fact]
    public async Task Client_ThatLeavesBeforeTheHead_Is499WithoutAnError()
    {
        using var spans = new SpansOfOneTrace();
        await using var host = await CompletionHost.StartAsync();
        using var leaving = new CancellationTokenSource();
        using var request = CompletionHost.Request("/waits", Id);
        request.Headers.Add("traceparent", spans.Parent);
        var asked = host.Client.SendAsync(request, leaving.Token);
        await Eventually.TrueAsync("the request is under way", () => spans.Started);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        await Eventually.TrueAsync("the request is over", () => spans.Ended.Count > 0);

        AssertCompletion(Assert.Single(await host.StopAndReadAsync(Id)), 499);
        Assert.Equal(499, Assert.Single(spans.Ended).GetTagItem("http.response.status_code"));
    }

    [Fact]
    public async Task Exception_OfATracedRequest_MarksTheSpan()
    {
        using var spans = new SpansOfOneTrace();
        await using var host = await CompletionHost.StartAsync();
        using var request = CompletionHost.Request("/throws", Id);
        request.Headers.Add("traceparent", spans.Parent);
        using var answer = await host.Client.SendAsync(request);
        await host.StopAndReadAsync(Id);

        var span = Assert.Single(spans.Ended);
        Assert.Equal((500, Id, ActivityStatusCode.Error),
            (span.GetTagItem("http.response.status_code"), span.GetTagItem("request.id"), span.Status));
    }

    [Theory]
    [InlineData("Information", 0)]
    [InlineData("Debug", 1)]
    public async Task Probe_ThatSaysYes_HasItsLineAtDebugLevel(string level, int lines)
    {
        await using var host = await CompletionHost.StartAsync("test", ("Logging:LogLevel:Default", level));
        using var answer = await host.Client.SendAsync(CompletionHost.Request("/probe", Id));
        var found = await host.StopAndReadAsync(Id);

        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal(lines, found.Count);
        Assert.All(found, line => AssertCompletion(line, 200, "debug"));
    }

    [Theory]
    [InlineData("Logging:LogLevel:Default")]
    [InlineData("Logging:LogLevel:Serilog")]
    public async Task Levels_OfConfiguration_HoldForTheLine(string key)
    {
        await using var host = await CompletionHost.StartAsync("test", (key, "Warning"));
        using var answer = await host.Client.SendAsync(CompletionHost.Request("/", Id));
        Assert.Empty(await host.StopAndReadAsync(Id));
    }

    [Fact]
    public async Task Hosts_SideBySide_WriteEachToItsOwnOutput()
    {
        await using var one = await CompletionHost.StartAsync("one");
        await using var other = await CompletionHost.StartAsync("other");
        for (var n = 0; n < 3; n++)
        {
            using var ofOne = await one.Client.SendAsync(CompletionHost.Request("/", $"request-of-one-{n}"));
            using var ofOther = await other.Client.SendAsync(CompletionHost.Request("/", $"request-of-other-{n}"));
        }

        Assert.Empty(await one.StopAndReadAsync("request-of-other-0"));
        using var alone = await other.Client.SendAsync(CompletionHost.Request("/", "after-the-first-stopped"));
        Assert.Empty(await other.StopAndReadAsync("request-of-one-0"));
        for (var n = 0; n < 3; n++)
        {
            Assert.Contains("\"program\":\"one\"", one.RawCompletion($"request-of-one-{n}"), StringComparison.Ordinal);
            Assert.Contains("\"program\":\"other\"", other.RawCompletion($"request-of-other-{n}"), StringComparison.Ordinal);
        }

        Assert.Contains("\"program\":\"other\"", other.RawCompletion("after-the-first-stopped"), StringComparison.Ordinal);
    }

    private static void AssertCompletion(JsonElement line, int status, string level = "information")
    {
        Assert.Equal((level, $"{status}", status), (
            line.GetProperty("level").GetString(), line.GetProperty("status").GetString(), line.GetProperty("httpStatus").GetInt32()));
        Assert.True(line.GetProperty("durationMs").GetDouble() > 0);
        Assert.False(line.TryGetProperty("exception", out _));
    }

    private static void AssertUnhandled(JsonElement line, string exception)
    {
        Assert.Equal(("error", "Unhandled exception"), (line.GetProperty("level").GetString(), line.GetProperty("message").GetString()));
        Assert.Contains(exception, line.GetProperty("exception").GetString(), StringComparison.Ordinal);
        Assert.False(line.TryGetProperty("durationMs", out _));
    }

    /// <summary>The line without what differs from run to run.</summary>
    private static string Fixed(string line) => Varying().Replace(line, static match => match.Groups["key"].Value switch
    {
        "\"timestamp\":\"" => "\"timestamp\":\"T",
        "\"spanId\":\"" => "\"spanId\":\"S",
        var key => key + "D",
    });

    [GeneratedRegex("""(?<key>"timestamp":")[-0-9T:.]+Z|(?<key>"spanId":")[0-9a-f]{16}|(?<key>"durationMs":)\d+(\.\d{1,3})?(?=\})|(?<key> in )\d+(\.\d{1,3})?(?= ms)""")]
    private static partial Regex Varying();

    /// <summary>Listens for the spans of the requests of one trace, and of no other test's.</summary>
    private sealed class SpansOfOneTrace : IDisposable
    {
        private readonly ActivityListener _listener;
        private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();
        private readonly List<Activity> _ended = [];

        public SpansOfOneTrace()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = static source => source.Name == "Microsoft.AspNetCore",
                Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                    options.TraceId == _trace ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
                ActivityStarted = activity => Started |= activity.TraceId == _trace,
                ActivityStopped = Keep,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public string Parent => $"00-{_trace.ToHexString()}-00f067aa0ba902b7-00";

        public bool Started { get; private set; }

        public IReadOnlyList<Activity> Ended
        {
            get
            {
                lock (_ended)
                    return [.. _ended];
            }
        }

        public void Dispose() => _listener.Dispose();

        private void Keep(Activity activity)
        {
            if (activity.TraceId != _trace)
                return;
            lock (_ended)
                _ended.Add(activity);
        }
    }
}
