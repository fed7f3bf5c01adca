using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.CommandLine;
using Gateway.Logs;

namespace Gateway.Tests.Logs;

/// <summary>Each fault planted in a good stream is found, on its line. Holds docs/contract.md section 8: logs.</summary>
public sealed class LogCheckTests
{
    private const string Secret = "hunter2-s3cr\u00e4t/+\"x\"";

    [Fact]
    public void Good_Stream_HasNoFindings() => Assert.Empty(Check(Line(), Completion(), Line("r2"), Completion("r2")));

    [Theory]
    [InlineData("requestId")]
    [InlineData("userId")]
    [InlineData("channel")]
    [InlineData("calendarId")]
    [InlineData("runId")]
    [InlineData("status")]
    [InlineData("traceId")]
    public void Line_WithoutAKey_IsFound(string key) => AssertFound("missing-key", Without(Line(), key));

    [Theory]
    [InlineData("route")]
    [InlineData("backend")]
    [InlineData("reason")]
    [InlineData("outcome")]
    [InlineData("durationMs")]
    [InlineData("httpStatus")]
    public void Completion_WithoutAKey_IsFound(string key) => AssertFound("missing-key", Without(Completion("r3"), key));

    [Theory]
    [InlineData("requestId")]
    [InlineData("traceId")]
    [InlineData("status")]
    public void Completion_WithoutAValue_IsFound(string key) =>
        AssertFound("missing-value", With(Completion("r3"), key, null), "status-differs");

    /// <summary>Whoever has the database's address at hand looks for the password in it, too.</summary>
    [Theory]
    [InlineData("postgresql://ada:hunter%4022@db.example/app", "hunter@22")]
    [InlineData("postgres://ada:hunter@22@db.example/app", "hunter%4022")]
    [InlineData("host=db.example password='hunter\\'22' user=ada", "hunter'22")]
    [InlineData("host=db.example password=hunter@22 user=ada", "aHVudGVyQDIy")]
    [InlineData("Host=db.example;Password=\"hunter\"\"22\";Username=ada", "hunter\"22")]
    [InlineData("Host=db.example;Pwd='hunter''22'", "hunter\\'22")]
    [InlineData("hunter'22", "password='hunter\\'22'")]
    [InlineData("hunter'22", "Password='hunter''22'")]
    [InlineData("hunter\"22", "Password=\"hunter\"\"22\"")]
    [InlineData("postgresql://db.example/app?password=hunter%4022&sslmode=require", "hunter@22")]
    public void Canary_OfAnAddress_IsFoundByItsPassword(string canary, string logged) =>
        Assert.NotNull(new Canary(canary).FindIn($"it said {logged} and stopped"));

    [Fact]
    public void Canary_OfAnAddressWithoutAPassword_FindsTheAddressAlone()
    {
        var canary = new Canary("postgresql://ada@db.example/app");

        Assert.Null(canary.FindIn("ada is at db.example"));
        Assert.NotNull(canary.FindIn("cannot connect to postgresql://ada@db.example/app"));
    }

    [Fact]
    public void Status_AsANumber_IsFound() => AssertFound("wrong-type", With(Line(), "status", 200));

    [Fact]
    public void Status_OtherThanHttpStatus_IsFound() => AssertFound("status-differs", With(Completion("r3"), "httpStatus", 404));

    [Fact]
    public void Duration_Negative_IsFound() => AssertFound("wrong-type", With(Completion("r3"), "durationMs", -1));

    [Theory]
    [InlineData("")]
    [InlineData("Unhandled exception.")]
    [InlineData("[]")]
    [InlineData("{} {}")]
    public void Line_ThatIsNoObject_IsFound(string line) => AssertFound("not-an-object", line);

    [Fact]
    public void Key_Twice_IsFound() => AssertFound("not-an-object", Line()[..^1] + ",\"message\":\"again\"}");

    [Theory]
    [InlineData('\u007F')]
    [InlineData('\u009B')]
    [InlineData('\u2028')]
    [InlineData('\u202E')]
    [InlineData('\u2066')]
    [InlineData('\uFEFF')]
    public void Character_ThatATerminalObeys_IsFoundUnlessItIsEscaped(char character)
    {
        var finding = AssertFound("terminal-character", Line().Replace("\"m\"", $"\"a{character}b\""));
        Assert.DoesNotContain(character, finding.Detail);
        Assert.Empty(Check(Completion(), Line().Replace("\"m\"", $"\"a\\u{(int)character:X4}b\"")));
    }

    [Fact]
    public void Request_CompletedTwice_IsFound()
    {
        AssertFound("completed-twice", Completion());
        // A retry under the same id is another request, and each program completes a request once.
        Assert.Empty(Check(Completion(), With(Completion(), "spanId", "00000000000000b2"), With(Completion(), "program", "calendar")));
    }

    [Fact]
    public void Request_NeverCompleted_IsFoundInAWholeStreamOnly()
    {
        var finding = Assert.Single(Check(Completion(), Line("r9")));
        Assert.Equal((2, "never-completed"), (finding.Line, finding.Rule));
        Assert.Empty(Check(whole: false, Completion(), Line("r9")));
        // What the framework says about probes, and what is written long after a request, say nothing about requests.
        Assert.Empty(Check(With(Line("r9"), "logger", "Microsoft.AspNetCore.Hosting.Diagnostics"), With(Line("r9"), "spanId", null)));
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public void Secret_InAnySpelling_IsFoundAndNotRepeated(string spelling)
    {
        var finding = AssertFound("secret", With(Line(), "message", $"before{spelling}after"));
        Assert.DoesNotContain("hunter2", finding.Detail, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Secret_AsKeyOrDeepInside_IsFound()
    {
        AssertFound("secret", With(Line(), Secret, 1));
        AssertFound("secret", With(Line(), "headers", new JsonArray(new JsonObject { ["a"] = Secret })));
        AssertFound("secret", "not JSON: " + Secret, "not-an-object");
    }

    [Fact]
    public async Task Command_OnAFile_ExitsByWhatItFound()
    {
        var file = Path.GetTempFileName();
        var canaries = Path.GetTempFileName();
        await File.WriteAllLinesAsync(file, [Line(), Completion()]);
        await File.WriteAllLinesAsync(canaries, [Secret]);

        var (code, text) = await RunAsync(file, "--canary-file", canaries, "--whole");
        Assert.Equal((0, "2 lines, 1 requests, 0 findings"), (code, text.Trim()));

        await File.AppendAllLinesAsync(file, [With(Line(), "message", Secret)]);
        (code, text) = await RunAsync(file, "--canary", Secret, "--json");
        Assert.Equal(1, code);
        var finding = JsonDocument.Parse(text).RootElement.GetProperty("findings")[0];
        Assert.Equal((3, "secret"), (finding.GetProperty("line").GetInt32(), finding.GetProperty("rule").GetString()));

        Assert.Equal(1, (await RunAsync(file, "--canary", "short")).Code);
        Assert.Equal(1, (await RunAsync(file + ".not-there")).Code);
        File.Delete(file);
        File.Delete(canaries);
    }

    public static TheoryData<string> Spellings()
    {
        var bytes = Encoding.UTF8.GetBytes(Secret);
        return
        [
            Secret, Secret.ToUpperInvariant(), Uri.EscapeDataString(Secret), string.Concat(bytes.Select(b => $"%{b:x2}")),
            Convert.ToHexString(bytes),
            Convert.ToBase64String(bytes), Convert.ToBase64String([1, .. bytes, 2]), Convert.ToBase64String([1, 2, .. bytes, 3, 4]),
            System.Buffers.Text.Base64Url.EncodeToString(bytes), string.Concat(Secret.Select(c => $"\\u{(int)c:x4}")),
        ];
    }

    private static LogFinding AssertFound(string rule, string line, params string[] alsoFound)
    {
        var found = Check(Completion(), line).Where(f => !alsoFound.Contains(f.Rule) && f.Rule != "never-completed").ToArray();
        var finding = Assert.Single(found);
        Assert.Equal((2, rule), (finding.Line, finding.Rule));
        return finding;
    }

    private static IReadOnlyList<LogFinding> Check(params string[] lines) => Check(whole: true, lines);

    private static IReadOnlyList<LogFinding> Check(bool whole, params string[] lines)
    {
        var check = new LogCheck([new Canary("another-secret"), new Canary(Secret)], whole);
        foreach (var line in lines)
            check.Read(line);
        return check.Finish();
    }

    private static string Line(string request = "r1") => $$"""
        {"timestamp":"2026-01-01T00:00:00Z","level":"information","program":"gateway","logger":"Gateway.X","message":"m","requestId":"{{request}}","userId":null,"channel":"x","calendarId":null,"runId":null,"status":null,"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00000000000000a1"}
        """;

    private static string Completion(string request = "r1") => Line(request)
        .Replace("\"status\":null", "\"status\":\"200\"")
        .Replace("}", ",\"httpStatus\":200,\"route\":\"a\",\"backend\":\"b\",\"reason\":null,\"outcome\":null,\"durationMs\":1.5}");

    private static string With(string line, string key, JsonNode? value)
    {
        var node = JsonNode.Parse(line)!;
        node[key] = value;
        return node.ToJsonString();
    }

    private static string Without(string line, string key)
    {
        var node = JsonNode.Parse(line)!.AsObject();
        node.Remove(key);
        return node.ToJsonString();
    }

    private static Task<(int Code, string Output)> RunAsync(params string[] args) => CommandRun.RunAsync(["logs", "check", .. args]);
}
