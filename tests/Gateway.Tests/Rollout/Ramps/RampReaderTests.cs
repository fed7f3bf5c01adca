using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Rollout.Ramps;

namespace Gateway.Tests.Rollout.Ramps;

/// <summary>Holds docs/contract.md section 10: what <c>Ramps</c> may say, and what is read of it.</summary>
public sealed class RampReaderTests
{
    [Fact]
    public void Ramp_AsTheContractShowsIt_IsReadWhole()
    {
        var plan = RampFile.ReadPlan(RampFile.Example);

        Assert.Equal("canary", plan.Cohort);
        Assert.Equal([1, 5, 10, 25, 50, 100], plan.Steps);
        Assert.Equal(TimeSpan.FromMinutes(15), plan.Bake);
        Assert.Equal(
            [
                new("errors", Measure.ServerError, null, 0.01, null, true),
                new("publish", Measure.PublishFailed, 0.05, null, null, true),
                new("slow", Measure.SlowerThan, null, 0.02, TimeSpan.FromSeconds(1), false),
                new("streams", Measure.StreamFailed, null, 0.02, null, true),
            ],
            plan.Gates);
        Assert.Equal(
            (OnRegression.Rollback, RollbackTo.Zero, OnInconclusive.Pause), (plan.OnRegression, plan.RollbackTo, plan.OnInconclusive));
        Assert.Equal(["Mon-Thu 08:00-16:00"], plan.Windows!.Weekly.Select(window => window.ToString()));
        Assert.Equal("Europe/Berlin", plan.Windows.TimeZone);
        Assert.Equal(DateTimeOffset.Parse("2026-12-20T00:00+01:00"), plan.Windows.Freezes[0].From);
        Assert.Equal(DateTimeOffset.Parse("2027-01-05T00:00+01:00"), plan.Windows.Freezes[0].Until);
        Assert.Equal("http://127.0.0.1:9911/rollout", Assert.Single(plan.Notify).ToString());
    }

    [Fact]
    public void Ramp_WithTheLeast_HasTheDefaults()
    {
        var plan = RampFile.ReadPlan("""
            { "Steps": [ "0.5" ], "Bake": "00:00:10", "Gates": { "e": { "Measure": "Server-Error", "Against": "CONTROL" } } }
            """);

        Assert.Equal([0.5], plan.Steps);
        Assert.Equal(new RampGate("e", Measure.ServerError, null, 0.01, null, true), Assert.Single(plan.Gates));
        Assert.Equal(
            (OnRegression.Rollback, RollbackTo.Zero, OnInconclusive.Pause), (plan.OnRegression, plan.RollbackTo, plan.OnInconclusive));
        Assert.Null(plan.Windows);
        Assert.Empty(plan.Notify);
    }

    [Theory]
    [InlineData("OnRegression", "pause", OnRegression.Pause)]
    [InlineData("RollbackTo", "PROVED", RollbackTo.Proved)]
    [InlineData("OnInconclusive", "continue", OnInconclusive.Continue)]
    public void Word_OtherThanTheDefault_IsRead(string key, string word, object member)
    {
        var plan = RampFile.ReadPlan(Change(key, $"\"{word}\""));

        Assert.Equal(member, typeof(RampPlan).GetProperty(key)!.GetValue(plan));
    }

    [Fact]
    public void File_WithoutRamps_HasNone() => Assert.Empty(RampFile.Read("""{ "Cohorts": { "canary": { } } }""").File!.Ramps);

    /// <summary>One thing changed in the example: one finding, at that thing, which says what may stand there.</summary>
    [Theory]
    [InlineData("Steps", "[]", "Steps", "at least one percentage")]
    [InlineData("Steps", "[ 0, 5 ]", "Steps:0", "a number above 0, up to 100")]
    [InlineData("Steps", "[ 5, 100.1 ]", "Steps:1", "a number above 0, up to 100")]
    [InlineData("Steps", "[ 5, \"NaN\" ]", "Steps:1", "a number above 0, up to 100")]
    [InlineData("Steps", "[ 5, 5 ]", "Steps:1", "a number above 5, the step before")]
    [InlineData("Steps", "[ 5, 12.5, 1e1 ]", "Steps:2", "a number above 12.5, the step before")]
    [InlineData("Steps", "5", "Steps", "a list")]
    [InlineData("Steps", null, "Steps", "a list")]
    [InlineData("Bake", "\"00:00:09.999\"", "Bake", "from 00:00:10 to 14.00:00:00")]
    [InlineData("Bake", "\"14.00:00:01\"", "Bake", "from 00:00:10 to 14.00:00:00")]
    [InlineData("Bake", "15", "Bake", "a duration")]
    [InlineData("Bake", null, "Bake", "a duration")]
    [InlineData("Gates", "{}", "Gates", "at least one gate")]
    [InlineData("Gates", null, "Gates", "an object")]
    [InlineData("Gates:errors", null, null, null)]
    [InlineData("Gates:Own", """{ "Measure": "stream-failed", "Against": "control" }""", "Gates:Own", "a name of 1 to 32")]
    [InlineData("Gates:a_b", """{ "Measure": "stream-failed", "Against": "control" }""", "Gates:a_b", "a name of 1 to 32")]
    [InlineData("Gates:errors:Measure", "\"server-eror\"", "Gates:errors:Measure", "one of server-error, stream-failed")]
    [InlineData("Gates:errors:Measure", null, "Gates:errors:Measure", "one of server-error, stream-failed")]
    [InlineData("Gates:errors:Measure", "\"slower-than\"", "Gates:errors:Than", "the duration that is slow")]
    [InlineData("Gates:errors:Than", "\"00:00:01\"", "Gates:errors:Than", "it goes with slower-than")]
    [InlineData("Gates:slow:Than", "\"00:00:00\"", "Gates:slow:Than", "from 00:00:00.0010000 to 01:00:00")]
    [InlineData("Gates:errors:Against", null, "Gates:errors:Against", "\"control\" or a number above 0, up to 0.5")]
    [InlineData("Gates:errors:Against", "\"kontrol\"", "Gates:errors:Against", "\"control\" or a number above 0, up to 0.5")]
    [InlineData("Gates:publish:Against", "0", "Gates:publish:Against", "\"control\" or a number above 0, up to 0.5")]
    [InlineData("Gates:publish:Against", "0.51", "Gates:publish:Against", "\"control\" or a number above 0, up to 0.5")]
    [InlineData("Gates:publish:Against", "\"control\"", "Gates:publish:Against", "the dry-run, which cannot fail")]
    [InlineData("Gates:errors:Measure", "\"export-failed\"", "Gates:errors:Against", "the dry-run, which cannot fail")]
    [InlineData("Gates:publish:Margin", "0.01", "Gates:publish:Margin", "a margin goes with \"control\"")]
    [InlineData("Gates:errors:Margin", "0", "Gates:errors:Margin", "a number above 0, up to 0.5")]
    [InlineData("Gates:errors:Margin", "0.6", "Gates:errors:Margin", "a number above 0, up to 0.5")]
    [InlineData("Gates:slow:Decides", "\"no\"", "Gates:slow:Decides", "true or false")]
    [InlineData("OnRegression", "\"abort\"", "OnRegression", "one of rollback, pause")]
    [InlineData("RollbackTo", "\"one\"", "RollbackTo", "one of zero, proved")]
    [InlineData("OnInconclusive", "\"rollback\"", "OnInconclusive", "one of pause, continue")]
    [InlineData("Windows", """{ "TimeZone": "Europe/Berlin" }""", "Windows", "Weekly, Freezes or both")]
    [InlineData("Windows:TimeZone", null, "Windows:TimeZone", "a non-empty text")]
    [InlineData("Windows:TimeZone", "\"europe/berlin\"", "Windows:TimeZone", "an IANA time zone")]
    [InlineData("Windows:Weekly", "[]", "Windows:Weekly", "at least one window")]
    [InlineData("Windows:Weekly", """[ "Mon-Fri 8-16" ]""", "Windows:Weekly:0", "days and times, as Mon-Fri 08:00-16:00")]
    [InlineData("Windows:Weekly", """[ "Mon 08:00-08:00" ]""", "Windows:Weekly:0", "days and times")]
    [InlineData("Windows:Freezes", """[ "2026-12-24" ]""", "Windows:Freezes:0", "two dates, as 2026-12-20/2027-01-04")]
    [InlineData("Windows:Freezes", """[ "2027-01-04/2026-12-20" ]""", "Windows:Freezes:0", "an end that is after the beginning")]
    [InlineData("Windows:Freezes", """[ "2026-02-29/2026-03-02" ]""", "Windows:Freezes:0", "two dates")]
    [InlineData("Notify", """[ "hooks.example/x" ]""", "Notify:0", "an absolute address")]
    [InlineData("Notify", """[ "ftp://hooks.example/x" ]""", "Notify:0", "an absolute address")]
    [InlineData("Notify", """[ "https://hooks.example/x#y" ]""", "Notify:0", "an absolute address")]
    [InlineData("Step", "[ 1 ]", "Step", "no such key; known here: Steps")]
    [InlineData("Windows:Week", "[]", "Windows:Week", "no such key")]
    [InlineData("Gates:errors:margn", "0.1", "Gates:errors:margn", "no such key")]
    public void Ramp_ThatCannotBe_IsRefusedAtThatPlace(string path, string? json, string? where, string? expected)
    {
        var (file, findings) = RampFile.Read(RampFile.Wrap(Change(path, json)));

        if (where is null)
        {
            Assert.Empty(findings);
            return;
        }

        Assert.Null(file);
        var finding = Assert.Single(findings);
        Assert.Equal(("rollout.json", "Ramps:canary:" + where), (finding.File, finding.Path));
        Assert.Contains(expected!, finding.Expected, StringComparison.Ordinal);
        Assert.NotNull(finding.Line);
    }

    [Fact]
    public void Gates_ThatAllOnlyWatch_AreRefused()
    {
        var finding = Assert.Single(RampFile.Read(RampFile.Wrap(Change(
            "Gates", """{ "a": { "Measure": "server-error", "Against": "control", "Decides": false } }"""))).Findings);

        Assert.Equal("Ramps:canary:Gates", finding.Path);
        Assert.Contains("at least one", finding.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void Gates_MoreThanSixteen_AreRefused()
    {
        var gates = new JsonObject(Enumerable.Range(0, 17).Select(i => KeyValuePair.Create(
            $"g{i}", JsonNode.Parse("""{ "Measure": "server-error", "Against": "control" }"""))));

        var finding = Assert.Single(RampFile.Read(RampFile.Wrap(Change("Gates", gates.ToJsonString()))).Findings);

        Assert.Equal(("Ramps:canary:Gates", "17 of them", "16 at most"), (finding.Path, finding.Value, finding.Expected));
    }

    [Theory]
    [InlineData("Europe/berlin", "Europe/Berlin")]
    [InlineData("Europe/Berln", "Europe/Berlin")]
    public void TimeZone_Misspelt_IsGuessed(string zone, string meant) => Assert.Equal(
        meant, Assert.Single(RampFile.Read(RampFile.Wrap(Change("Windows:TimeZone", $"\"{zone}\""))).Findings).Suggestion);

    [Fact]
    public void Ramp_OfAnUnknownCohort_IsRefused()
    {
        var finding = Assert.Single(RampFile.Read(RampFile.Wrap(RampFile.Example, cohort: "canari")).Findings);

        Assert.Equal(("Ramps:canari", "canary"), (finding.Path, finding.Suggestion));
    }

    [Theory]
    [InlineData("", "this ramp moves nobody")]
    [InlineData(
        """{ "name": "Cohort", "parameters": { "Name": "canary" } }, { "name": "Microsoft.TimeWindow", "parameters": { "End": "2999-01-01" } }""",
        "FIRST has 2 filters")]
    public void Ramp_WhoseCohortIsNotAloneBehindAFlag_IsAWarning(string filters, string told)
    {
        var (file, findings) = RampFile.Read(RampFile.Wrap(RampFile.Example, filters));

        Assert.NotNull(file);
        var finding = Assert.Single(findings);
        Assert.Equal((FindingSeverity.Warning, "Ramps:canary"), (finding.Severity, finding.Path));
        Assert.Contains(told, finding.Expected, StringComparison.Ordinal);
    }

    /// <summary>Every fault of a ramp is told at once.</summary>
    [Fact]
    public void Ramp_WithManyFaults_TellsThemAll()
    {
        var paths = RampFile.Read(RampFile.Wrap("""
            {
              "Steps": [ 5, 1, 200 ], "Bake": "soon",
              "Gates": { "a": { "Measure": "publish-failed", "Against": "control", "Margin": 2 }, "b": { "Measure": "slower-than", "Against": 1 } },
              "Windows": { "TimeZone": "Mars", "Weekly": [ "Mon" ], "Freezes": [ "2026-02-02/2026-02-01" ] }, "Notify": [ 5 ]
            }
            """, cohort: "other")).Findings.Select(f => f.Path["Ramps:other".Length..]).Order(StringComparer.Ordinal);

        Assert.Equal(
            [
                "", ":Bake", ":Gates:a:Against", ":Gates:a:Margin", ":Gates:b:Against", ":Gates:b:Than", ":Notify:0", ":Steps:1", ":Steps:2",
                ":Windows:Freezes:0", ":Windows:TimeZone", ":Windows:Weekly:0",
            ],
            paths);
    }

    /// <summary>What comes before the host's name, and what comes after it, may be a key.</summary>
    [Theory]
    [InlineData("Notify", """[ "https://ada:hunter2@hooks.example/services/hunter2#" ]""")]
    [InlineData("Notify", """[ "http://ada:hunter2@hooks.example/hunter2?key=hunter2" ]""")]
    [InlineData("Notify", """[ "hunter2" ]""")]
    [InlineData("Notify", """[ " https://hooks.example/hunter2" ]""")]
    [InlineData("Notify", "\"https://hooks.example/hunter2\"")]
    [InlineData("Notfy", "\"https://hooks.example/hunter2\"")]
    public void Receiver_ThatIsTold_IsToldWithoutItsSecrets(string key, string json)
    {
        var finding = Assert.Single(RampFile.Read(RampFile.Wrap(Change(key, json))).Findings);

        Assert.DoesNotContain("hunter2", finding.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9911/rollout", 0)]
    [InlineData("http://alertmanager:9093/api/v2/alerts", 0)]
    [InlineData("http://ada:secret@127.0.0.1/x", 0)]
    [InlineData("http://ada:secret@localhost/x", 0)]
    [InlineData("https://ada:secret@hooks.example/x", 0)]
    [InlineData("http://ada:secret@hooks.example/x", 1)]
    public void Receiver_WhosePasswordTravelsInClear_IsAWarning(string url, int warnings)
    {
        var (file, findings) = RampFile.Read(RampFile.Wrap(Change("Notify", $"""[ "{url}" ]""")));

        Assert.Equal(new Uri(url), Assert.Single(file!.Ramps["canary"].Notify));
        Assert.Equal(warnings, findings.Count);
        Assert.All(findings, f => Assert.Equal((FindingSeverity.Warning, "http://hooks.example/…"), (f.Severity, f.Value)));
    }

    /// <param name="path">In the example, with colons.</param>
    /// <param name="json">What stands there then; null takes it away.</param>
    private static string Change(string path, string? json)
    {
        var ramp = JsonNode.Parse(RampFile.Example)!.AsObject();
        var keys = path.Split(':');
        var owner = keys[..^1].Aggregate(ramp, (at, key) => at[key]!.AsObject());
        owner.Remove(keys[^1]);
        if (json is not null)
            owner[keys[^1]] = JsonNode.Parse(json);
        return ramp.ToJsonString();
    }
}
