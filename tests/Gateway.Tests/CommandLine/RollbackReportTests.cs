using System.Text.Json;

namespace Gateway.Tests.CommandLine;

/// <summary>Holds docs/contract.md section 9: <c>gateway rollback-report</c>.</summary>
public sealed class RollbackReportTests : IDisposable
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    private const string Report = """
        {"at":"2026-11-26T20:00:00+00:00","since":"2026-11-20T08:13:50.1+00:00","users":3,
        "rows":{"calendars":3,"entries":5,"manualEdits":1,"runs":6,"intents":12},"activeSince":"2026-11-25T20:00:00+00:00","activeUsers":7,
        "active":[
        {"userId":"alice","lastActiveAt":"2026-11-26T19:58:12.4+00:00","rows":{"calendars":1,"entries":2,"manualEdits":1,"runs":1,"intents":4}},
        {"userId":"=1+1;@x\"","lastActiveAt":"2026-11-26T10:00:00+00:00","rows":{"calendars":2,"entries":3,"manualEdits":0,"runs":5,"intents":8}}]}
        """;

    private readonly ConfigDirectory _config = new();

    public RollbackReportTests()
    {
        File.WriteAllText(KeyFile, Key + "\n");
        _config.Canary("alice").Switch(true);
        _config.Cohort("canary")["DefaultRolloutPercentage"] = 0;
    }

    private string KeyFile => _config.File("admin.key");

    [Fact]
    public async Task Report_ForPeople_SaysWhoWouldBeMovedAndWhatTheyWouldNotSee()
    {
        await using var service = await StartAsync(200, Report);

        var run = await RunAsync(service);

        Assert.Equal((0, ""), (run.Code, run.Errors));
        var lines = run.Output.Split(Environment.NewLine);
        Assert.Equal(
            [
                $"{service.Address}: 3 users have something that is only here, since 2026-11-20 08:13:50Z: 3 calendars, 5 entries, "
                    + "1 manual edit, 6 runs, 12 intents.",
                "7 users made or changed something since 2026-11-25 20:00:00Z; the latest 2:",
                "  User      Last active           Calendars  Entries  Manual edits  Runs  Intents  Let in by",
                "  alice     2026-11-26 19:58:12Z  1          2        1             1     4        "
                    + "CALENDAR_SERVICE_ENABLED, PUBLISH_SERVICE_ENABLED",
                "  =1+1;@x\"  2026-11-26 10:00:00Z  2          3        0             5     8        none",
                "",
                "A rollback of every flag moves 1 user of these back, who would not see 1 calendar, 2 entries, 1 manual edit, 1 run, "
                    + "4 intents. Nothing of it is lost: who is let in again has it again.",
                "1 user of these is let in by no flag now.",
            ],
            lines[..8]);
        Assert.StartsWith($"By {_config.Path}, revision ", lines[8], StringComparison.Ordinal);
        var asked = service.Requests.Single();
        Assert.Equal(("/admin/rollback-report?limit=100", $"Bearer {Key}"), (asked.Target, asked.Header("Authorization")));
    }

    [Fact]
    public async Task Report_AsCsv_RunsNoFormula()
    {
        await using var service = await StartAsync(200, Report);

        var run = await RunAsync(service, "--csv", "--limit", "7");

        Assert.Equal(
            "user_id,last_active_at,calendars,entries,manual_edits,runs,intents,let_in_by\r\n"
            + "alice,2026-11-26T19:58:12.4000000+00:00,1,2,1,1,4,CALENDAR_SERVICE_ENABLED|PUBLISH_SERVICE_ENABLED\r\n"
            + "\"'=1+1;'@x\"\"\",2026-11-26T10:00:00.0000000+00:00,2,3,0,5,8,\r\n",
            run.Output);
        Assert.Equal("/admin/rollback-report?limit=7", service.Requests.Single().Target);
    }

    [Fact]
    public async Task Report_AsJson_IsTheServicesAndWhatTheFolderSays()
    {
        await using var service = await StartAsync(200, Report);

        var json = JsonDocument.Parse((await RunAsync(service, "--json")).Output).RootElement;

        Assert.Equal((3, 12), (json.GetProperty("users").GetInt32(), json.GetProperty("rows").GetProperty("intents").GetInt32()));
        Assert.Equal(1, json.GetProperty("movedBack").GetProperty("users").GetInt32());
        Assert.Equal(2, json.GetProperty("movedBack").GetProperty("rows").GetProperty("entries").GetInt32());
        Assert.Equal([2, 0], json.GetProperty("active").EnumerateArray().Select(user => user.GetProperty("flags").GetArrayLength()));
        Assert.Equal(_config.Path, json.GetProperty("folder").GetString());
    }

    [Theory]
    [InlineData(401, """{"detail":"Authorization: Bearer with Admin:Key is needed."}""", "answers 401: Authorization: Bearer with")]
    [InlineData(503, """{"detail":"The calendar database is away"}""", "answers 503: The calendar database is away")]
    [InlineData(200, """{"users":3}""", "does not report as this version reads it")]
    [InlineData(200, "<html>", "does not report as this version reads it")]
    public async Task Report_ThatDoesNotCome_SaysWhy(int status, string body, string words)
    {
        await using var service = await StartAsync(status, body);

        var run = await RunAsync(service, "--json");

        Assert.Equal(1, run.Code);
        Assert.Contains(words, run.Errors, StringComparison.Ordinal);
        Assert.Equal("not-reported", JsonDocument.Parse(run.Output).RootElement.GetProperty("problem").GetProperty("code").GetString());
        Assert.DoesNotContain(Key, run.Errors + run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_WithoutServiceOrKeyOrInTwoForms_IsRefused()
    {
        await using var service = await StartAsync(200, Report);
        await service.StopAsync();

        Assert.Contains("cannot be asked", (await RunAsync(service)).Errors, StringComparison.Ordinal);
        Assert.Contains("--key-file, or CALENDAR_ADMIN_KEY", (await CommandRun.WholeAsync(["rollback-report"])).Errors, StringComparison.Ordinal);
        Assert.Equal(1, (await CommandRun.WholeAsync(["rollback-report", "--key-file", _config.File("none")])).Code);
        Assert.Equal(2, (await RunAsync(service, "--json", "--csv")).Code);
        Assert.Equal(2, (await RunAsync(service, "--limit", "0")).Code);
    }

    public void Dispose() => _config.Dispose();

    /// <summary>Where the service is, the folder says.</summary>
    private Task<CommandRun> RunAsync(StubBackend service, params string[] more)
    {
        _config.Point("calendar", service.Address).Save();
        return CommandRun.WholeAsync(["rollback-report", "--key-file", KeyFile, "--config", _config.Path, .. more]);
    }

    private static async Task<StubBackend> StartAsync(int status, string body)
    {
        var service = await StubBackend.StartAsync("calendar");
        service.Answers(status, body, "application/json");
        return service;
    }
}
