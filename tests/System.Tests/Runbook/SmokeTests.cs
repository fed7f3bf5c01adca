using System.Text.Json;
using Harness;

namespace SystemTests.Runbook;

/// <summary>
/// The smoke against a whole system: it passes while all is well, and names what is not.
/// Holds docs/contract.md section 9: admin surface and command line.
/// </summary>
public sealed class SmokeTests : IAsyncLifetime
{
    private PostgresServer _postgres = null!;
    private TestSystem _system = null!;
    private string _database = "";

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresServer.StartNewAsync();
        var name = await _postgres.CreateDatabaseAsync();
        _database = _postgres.Url(name);
        _system = await TestSystem.StartAsync(_postgres.ConnectionString(name));
    }

    public async ValueTask DisposeAsync()
    {
        await _system.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    [Fact]
    public async Task Smoke_HealthySystem_PassesOffAndOn_AndRepeatedLeavesOnlyRunsAndDryRunIntents()
    {
        var off = await SmokeAsync("--expect", "off");
        Assert.Equal((0, "generate"), (off.Code, off.Checks.Single(c => c.Name == "generate").Name));
        Assert.Equal("0|0|0|0", await CountsAsync());

        await _system.SwitchAsync(on: true);
        var first = await SmokeAsync("--outside", "bob");
        Assert.True(first.Code == 0, first.Output);
        Assert.Equal("on", first.Json.GetProperty("expected").GetString());
        Assert.Equal("1|2|2|4", await CountsAsync());
        var calendar = await EntriesAsync();

        var second = await SmokeAsync("--outside", "bob", "--expect", "on");
        Assert.True(second.Code == 0, second.Output);
        Assert.Equal("1|3|2|8", await CountsAsync());
        Assert.Equal(calendar, await EntriesAsync());
        Assert.Equal("t", await SqlAsync("select bool_and(status = 'dry_run_ok' and payload->>'dryRun' = 'true') from publish_intents"));
        Assert.Equal(["run", "4"], second.Json.GetProperty("leftBehind").EnumerateArray().Select(l => l.GetString()!.Split(' ')[0]));

        await _system.SwitchAsync(on: false);
        Assert.Equal(0, (await SmokeAsync("--expect", "off")).Code);
        Assert.Equal("1|3|2|8", await CountsAsync());
    }

    /// <summary>Each fault is one that a person or a bug could make, and each has a row of its own that tells of it.</summary>
    [Fact]
    public async Task Smoke_BrokenOnPurpose_FailsInTheRowThatTellsOfIt()
    {
        Assert.Equal(["calendar", "channels"], (await SmokeAsync("--expect", "on")).Failed);

        await _system.SwitchAsync(on: true);
        var wrong = await SmokeAsync("--expect", "off");
        Assert.Equal((1, "calendar"), (wrong.Code, wrong.Failed[0]));
        Assert.Equal(["channels", "publish", "outside"], (await SmokeAsync("--channels", "tiktok", "--outside", "alice")).Failed);

        // A publish that is answered and not kept; an edit that is answered and not kept; a merge that overwrites it.
        await SqlAsync("create function lose() returns trigger language plpgsql as 'begin return null; end'");
        await SqlAsync("create trigger lose before insert on publish_intents for each row execute function lose()");
        Assert.Equal(["intents"], (await SmokeAsync()).Failed);
        await SqlAsync("drop trigger lose on publish_intents");
        await SqlAsync("create trigger lose before update on entries for each row execute function lose()");
        Assert.Equal(["save"], (await SmokeAsync()).Failed);
        await SqlAsync("drop trigger lose on entries");
        Assert.Equal([], (await SmokeAsync()).Failed);

        await _system.ServiceProcess.KillAsync();
        await _system.BackendAsync("calendar", "unhealthy");
        var down = await SmokeAsync();
        Assert.Equal((1, "calendar,channels"), (down.Code, string.Join(',', down.Failed)));
        Assert.Contains("unhealthy", down.Checks.Single(c => c.Name == "calendar").Evidence, StringComparison.Ordinal);
    }

    private async Task<SmokeResult> SmokeAsync(params string[] arguments)
    {
        await using var smoke = ProgramProcess.Start(
            "dotnet", [Repository.Program("src/Gateway", "gateway"), "smoke", "--url", _system.Public.BaseAddress!.ToString(), "--user",
                "alice", "--json", .. arguments]);
        return new(await smoke.ExitAsync(), string.Join('\n', smoke.Output) + smoke.Errors);
    }

    private Task<string> CountsAsync() => SqlAsync(
        "select (select count(*) from calendars), (select count(*) from runs), (select count(*) from entries), (select count(*) from publish_intents)");

    private Task<string> EntriesAsync() => SqlAsync("select id, text, channels, edited_fields from entries order by id");

    private async Task<string> SqlAsync(string sql)
    {
        await using var psql = ProgramProcess.Start("psql", [_database, "-Atqc", sql]);
        var code = await psql.ExitAsync();
        Assert.True(code == 0, psql.Errors);
        return string.Join('\n', psql.Output);
    }

    private sealed record SmokeResult(int Code, string Output)
    {
        public JsonElement Json => Output.StartsWith('{') ? JsonDocument.Parse(Output).RootElement
            : throw new InvalidOperationException(Output);

        public IReadOnlyList<(string Name, string Status, string Evidence)> Checks =>
        [
            .. Json.GetProperty("checks").EnumerateArray().Select(c => (
                c.GetProperty("name").GetString()!, c.GetProperty("status").GetString()!, c.GetProperty("evidence").GetString()!)),
        ];

        public IReadOnlyList<string> Failed => [.. Checks.Where(c => c.Status == "fail").Select(c => c.Name)];
    }
}
