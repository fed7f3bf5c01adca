using System.Text.Json;
using System.Text.Json.Nodes;
using Jint;

namespace Gateway.Tests.Admin;

/// <summary>
/// What the console shows for what it is answered: its own script, run against stand-ins of a browser's parts (<c>browser.js</c>).
/// Holds docs/contract.md section 9: the console.
/// </summary>
public sealed class ConsoleScriptTests : IClassFixture<ConsoleFixture>
{
    private static readonly string Browser = ReadBrowser();

    private readonly ConsoleFixture _console;
    private readonly Engine _page = new();

    public ConsoleScriptTests(ConsoleFixture console)
    {
        _console = console;
        Run(Browser);
        Run(console.Script);
    }

    [Fact]
    public void Status_OfAGateway_IsShownAndAskedForAgainEveryTwoSeconds()
    {
        Answer("status", 200, _console.Status);

        Assert.Equal("The gateway answers.", Text("state"));
        Assert.Contains("CALENDAR_SERVICE_ENABLEDon", Text("flags"), StringComparison.Ordinal);
        Assert.Contains("canary45 %", Text("cohorts"), StringComparison.Ordinal);
        Assert.Contains("legacy", Text("backends"), StringComparison.Ordinal);
        Pass(1999);
        Assert.Equal("", Asked());
        Pass(1);
        Assert.Equal("status", Asked());
    }

    public static TheoryData<int, string, string> BrokenAnswers() => new()
    {
        { 500, """{"status":500,"detail":"a fault"}""", "The gateway answered 500 in place of its status. a fault" },
        { 503, "{}", "The gateway answered 503" },
        { 421, """{"detail":"not this name"}""", "not this name" },
        { 502, "<html>Bad Gateway</html>", "HTTP 502, and no JSON" },
        { 200, "<h1>It works!</h1>", "HTTP 200, and no JSON" },
        { 200, "", "no JSON" },
        { 200, """{"configuration":{"rev""", "no JSON" },
        { 200, "null", "no status" },
        { 200, "[]", "no status" },
        { 200, "7", "no status" },
        { 200, """{"configuration":{},"flags":7}""", "no status" },
        { 200, """{"status":"ok"}""", "no status" },
        { 0, "TypeError", "The gateway does not answer" },
        { 0, "TimeoutError", "has not answered for 3 seconds" },
    };

    [Theory]
    [MemberData(nameof(BrokenAnswers))]
    public void Status_ThatIsNone_LeavesNothingOfTheOldOneAndSaysSo(int status, string body, string says)
    {
        Answer("status", 200, _console.Status);
        Run("submit('path=/api/calendar')");
        Answer("explain", 200, _console.Explanation);
        Assert.Contains(", because ", Text("answer"), StringComparison.Ordinal);
        Pass(2000);

        Answer("status", status, body);

        Assert.Contains(says, Text("state"), StringComparison.Ordinal);
        Assert.Equal("bad", Run("document.getElementById('state').className"));
        Assert.Equal("true", Run("document.getElementById('now').hidden"));
        foreach (var id in (string[])["configuration", "flags", "cohorts", "backends", "minute", "events", "why"])
            Assert.Equal("", Run($"document.getElementById('{id}').textContent"));
        Assert.Equal("No answer while the gateway gives none.", Text("answer"));
        Assert.StartsWith("No answer", Run("document.title"), StringComparison.Ordinal);
        Assert.StartsWith("Its last answer came at 20", Text("seen"), StringComparison.Ordinal);

        // And when it is back, everything is, the question that still stands in the form too.
        Pass(2000);
        Answer("status", 200, _console.Status);
        Answer("explain", 200, _console.Explanation);
        Assert.Equal("The gateway answers.", Text("state"));
        Assert.Contains(", because ", Text("answer"), StringComparison.Ordinal);
    }

    [Fact]
    public void Explanation_OfAnOlderQuestion_IsNeverShown()
    {
        Answer("status", 200, _console.Status);
        Run("submit('user=ada')");
        Answer("explain", 200, _console.Explanation);
        Assert.Contains("\"user\": \"ada\"", Text("why"), StringComparison.Ordinal);

        Run("type()");
        Assert.Equal(("", ""), (Text("answer"), Text("why")));

        Run("submit('user=bob')");
        Run("submit('user=carol')");
        Assert.Equal("explain?user=bob explain?user=carol", Asked());
        Answer("carol", 200, _console.Explanation.Replace("ada", "carol", StringComparison.Ordinal));
        Answer("bob", 200, _console.Explanation.Replace("ada", "bob", StringComparison.Ordinal));
        Assert.Contains("\"user\": \"carol\"", Text("why"), StringComparison.Ordinal);
    }

    [Fact]
    public void Explanation_WhileTheGatewayChanges_IsAskedAgainWithEachStatus()
    {
        Answer("status", 200, _console.Status);
        Run("submit('user=ada')");
        Answer("explain", 200, _console.Explanation);
        Pass(2000);

        Answer("status", 200, _console.Status);
        Answer("explain", 200, """{"revision":"0123456789ab","decision":{"backend":"legacy","reason":"flag-off"}}""");

        Assert.Equal("legacy, because flag-off (revision 0123456789ab)", Text("answer"));
    }

    [Theory]
    [InlineData(400, """{"detail":"path must start with /."}""", "path must start with /.")]
    [InlineData(500, "null", "The gateway answered 500.")]
    [InlineData(200, "{}", "its answer is no explanation")]
    [InlineData(200, "", "no JSON")]
    [InlineData(0, "TimeoutError", "has not answered")]
    public void Explanation_ThatIsNone_SaysWhy(int status, string body, string says)
    {
        Answer("status", 200, _console.Status);
        Run("submit('path=x')");

        Answer("explain", status, body);

        Assert.Contains(says, Text("answer"), StringComparison.Ordinal);
    }

    [Fact]
    public void HiddenTab_AsksNothing_AndShowsNothingOldWhenItIsSeenAgain()
    {
        Answer("status", 200, _console.Status);

        Run("hide(true)");
        Pass(60_000);
        Assert.Equal("", Asked());

        Run("hide(false)");
        Assert.Equal("status", Asked());
        Assert.Equal(("Asking the gateway…", ""), (Text("state"), Text("flags")));
        Answer("status", 200, _console.Status);
        Assert.Equal("The gateway answers.", Text("state"));
    }

    [Fact]
    public void MinuteAndEvents_WhereTheStatusHasThem_AreShown()
    {
        var status = JsonNode.Parse(_console.Status)!.AsObject();
        status["lastMinute"] = JsonNode.Parse(
            """
            {"seconds":60,"backends":[
            {"id":"calendar","requests":90,"requestsPerSecond":1.5,"errors":2,"passedOver":3,"p99Seconds":0.0424,"streamsOpen":4},
            {"id":"gateway","requests":0,"requestsPerSecond":0,"errors":0,"passedOver":0,"p99Seconds":null,"streamsOpen":0}]}
            """);
        status["events"] = JsonNode.Parse(
            """
            [{"at":"2026-11-26T04:36:33.507+00:00","kind":"refused","revision":"0123456789ab","text":"refused with 1 problem"}]
            """);

        Answer("status", 200, status.ToJsonString());

        Assert.Contains("calendar1.5902342 ms4", Text("minute"), StringComparison.Ordinal);
        Assert.EndsWith("gateway0000–0", Text("minute"), StringComparison.Ordinal);
        Assert.EndsWith("2026-11-26T04:36:33Zrefused0123456789abrefused with 1 problem", Text("events"), StringComparison.Ordinal);
        Assert.Equal("false", Run("document.getElementById('past').hidden"));
    }

    /// <summary>One question at a time, each with its patience, and none out of a cache.</summary>
    [Fact]
    public void Requests_NeverPileUp()
    {
        Run("hide(false)");
        Run("hide(false)");
        Pass(10_000);

        Assert.Equal("status", Asked());
        Assert.Equal("3000 no-store", Run("requests[0].options.signal + ' ' + requests[0].options.cache"));
    }

    [Fact]
    public void Names_AreTextThatTurnsNothingAround()
    {
        Answer("status", 200, _console.Status);

        var users = Run("JSON.stringify(document.getElementById('cohorts').childNodes[1].childNodes[0].childNodes[2].childNodes)");

        Assert.Equal(
            ["<script>alert(1)</script>", "Z\u0301\u0301", "a\\u202egnp", "tab\\u200b\\ufeff", "שלום"],
            JsonSerializer.Deserialize<JsonElement[]>(users)!
                .Where(node => node.ValueKind == JsonValueKind.Object && node.GetProperty("tagName").ValueEquals("bdi"))
                .Select(node => node.GetProperty("childNodes")[0].GetString()));
        Run("submit('x')");
        Answer("explain", 200, _console.Explanation.Replace("ada", "a\\u202Eb\\u0000", StringComparison.Ordinal));
        Assert.Contains("\"user\": \"a\\u202eb\\u0000\"", Text("why"), StringComparison.Ordinal);
    }

    private static string ReadBrowser()
    {
        using var file = typeof(ConsoleScriptTests).Assembly.GetManifestResourceStream("Gateway.Tests.Admin.browser.js")!;
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    private string Text(string id) => Run($"text('{id}')");

    private string Asked() => Run("asked()");

    private void Pass(int milliseconds) => Run($"pass({milliseconds})");

    /// <param name="status">0 for a request that failed, with the error's name as <paramref name="body"/>.</param>
    private void Answer(string part, int status, string body) => Run(status == 0
        ? $"fail('{part}', '{body}')"
        : $"respond('{part}', {status}, {JsonSerializer.Serialize(body)})");

    private string Run(string script)
    {
        var result = _page.Evaluate(script).ToString();
        _page.Advanced.ProcessTasks();
        return result;
    }
}
