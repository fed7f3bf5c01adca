using System.Text;
using Gateway.Configuration;
using Gateway.Exchanges;
using Gateway.Rollout;
using Microsoft.Extensions.Configuration;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;

namespace Gateway.Tests.Rollout;

/// <summary>Holds docs/contract.md section 3: the decision.</summary>
public sealed class RolloutFileTests
{
    [Fact]
    public void Cohort_NamedByTwoFlags_HasExactlyTheSameUsers()
    {
        var file = Read("""
            { "name": "Cohort", "parameters": { "Name": "canary" } }
            """, percentage: 30);

        var first = Users(file.Flags["FIRST"]);

        Assert.Equal(first, Users(file.Flags["SECOND"]));
        Assert.InRange(first.Count, 200, 400);
    }

    [Fact]
    public async Task Targeting_AnyUser_AgreesWithMicrosoftsOwnEvaluator()
    {
        const string Filter = """
            { "name": "Microsoft.Targeting", "parameters": { "Audience": {
                "Users": [ "ada" ], "Groups": [ { "Name": "staff", "RolloutPercentage": 60 } ], "DefaultRolloutPercentage": 25,
                "Exclusion": { "Users": [ "eve" ], "Groups": [ "contractors" ] } } } }
            """;
        var flag = Read(Filter).Flags["FIRST"];
        var reference = MicrosoftsOwn(Json(Filter));

        foreach (var caller in Callers())
            Assert.Equal(await reference.IsEnabledAsync("FIRST", caller), flag.Accepts(caller));
    }

    [Theory]
    [InlineData(99, false)]
    [InlineData(100, true)]
    public void Targeting_Anonymous_IsOutsideBelow100(int percentage, bool inside) => Assert.Equal(inside, Read(
        $$$"""{ "name": "Microsoft.Targeting", "parameters": { "Audience": { "DefaultRolloutPercentage": {{{percentage}}} } } }""")
        .Flags["FIRST"].Accepts(Caller.Anonymous));

    [Theory]
    [InlineData("Any", true, true)]
    [InlineData("All", true, false)]
    public void RequirementType_TwoFilters_CombinesThem(string requirement, bool ada, bool bob)
    {
        var flag = Read("""
            { "name": "Cohort", "parameters": { "Name": "canary" } },
            { "name": "Microsoft.Targeting", "parameters": { "Audience": { "Users": [ "ada" ], "DefaultRolloutPercentage": 0 } } }
            """, percentage: 100, requirement: requirement).Flags["FIRST"];

        Assert.Equal((ada, bob), (flag.Accepts(new Caller("ada", [])), flag.Accepts(new Caller("bob", []))));
    }

    [Theory]
    [InlineData("2000-01-01T00:00:00Z", "2001-01-01T00:00:00Z", false)]
    [InlineData("2000-01-01T00:00:00Z", "2999-01-01T00:00:00Z", true)]
    public void TimeWindow_Now_IsInsideOrOutside(string start, string end, bool inside) => Assert.Equal(inside, Read(
        $$"""{ "name": "Microsoft.TimeWindow", "parameters": { "Start": "{{start}}", "End": "{{end}}" } }""")
        .Flags["FIRST"].Accepts(new Caller("ada", [])));

    [Fact]
    public void Flag_WithoutFilters_IsForEverybody() => Assert.True(Read("").Flags["FIRST"].Accepts(Caller.Anonymous));

    [Theory]
    [InlineData("cohort")]
    [InlineData("COHORT")]
    public void Filter_InAnotherCase_IsTheSameFilter(string name)
    {
        var flag = Read($$"""{ "name": "{{name}}", "parameters": { "Name": "canary" } }""", percentage: 100).Flags["FIRST"];

        Assert.Equal("canary", flag.Filters[0].Cohort?.Name);
        Assert.Equal(100, flag.Filters[0].DefaultPercentage);
    }

    [Theory]
    [InlineData("""{ "name": "Cohort", "parameters": { "Name": "typo" } }""", "parameters:Name")]
    [InlineData("""{ "name": "cohort", "parameters": { "Name": "typo" } }""", "parameters:Name")]
    [InlineData("""{ "name": "Cohort" }""", "parameters:Name")]
    [InlineData("""{ "name": "Cohrot", "parameters": { "Name": "canary" } }""", "name")]
    [InlineData("""{ "parameters": { "Name": "canary" } }""", "name")]
    [InlineData("""{ "name": "Microsoft.Targeting" }""", "parameters:Audience")]
    [InlineData("""{ "name": "targeting", "parameters": { "Audience": { "DefaultRolloutPercentage": 500 } } }""", "parameters:Audience:DefaultRolloutPercentage")]
    [InlineData("""{ "name": "Microsoft.Targeting", "parameters": { "Audience": { "DefaultRolloutPercentage": 101 } } }""", "parameters:Audience:DefaultRolloutPercentage")]
    [InlineData("""{ "name": "Microsoft.Targeting", "parameters": { "Audience": { "Groups": [ { "Name": "g", "RolloutPercentage": -1 } ] } } }""", "parameters:Audience:Groups:0:RolloutPercentage")]
    [InlineData("""{ "name": "Microsoft.TimeWindow", "parameters": { "Start": "tomorrow" } }""", "parameters:Start")]
    [InlineData("""{ "name": "Microsoft.TimeWindow", "parameters": { "Start": "2026-01-02T00:00:00Z", "End": "2026-01-03T00:00:00Z", "Recurrence": { "Pattern": { "Type": "Weekly" }, "Range": { "Type": "Sometimes" } } } }""", "")]
    [InlineData("""{ "name": "Microsoft.TimeWindow", "parameters": { "Start": "2026-01-02T00:00:00Z", "End": "2026-01-01T00:00:00Z", "Recurrence": { "Pattern": { "Type": "Daily" }, "Range": { "Type": "NoEnd" } } } }""", "")]
    public void Filter_ThatWouldThrowOnARequest_IsRefusedWhenTheFileLoads(string filter, string where)
    {
        var findings = new List<ConfigFinding>();

        Assert.Null(RolloutFile.Read(Json(filter), _ => "true", "Production", findings));
        Assert.Contains(
            findings, f => f.File == "rollout.json" && f.Path.StartsWith("feature_management:feature_flags:0:conditions:client_filters:0",
                StringComparison.Ordinal) && f.Path.EndsWith(where, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(" alice", "alice")]
    [InlineData("alice\\t", "alice")]
    [InlineData("  big team ", "big team")]
    public void Name_WithBlanksAround_IsReadAsTheHeaderIs(string written, string name)
    {
        var findings = new List<ConfigFinding>();
        var file = RolloutFile.Read(NamesJson(written), _ => "true", "Production", findings)!;

        // Four places; each says how it is read.
        Assert.Equal(4, findings.Count);
        Assert.All(findings, f => Assert.Equal(
            (FindingSeverity.Warning, true), (f.Severity, f.Expected.StartsWith($"\"{name}\", as which it is read", StringComparison.Ordinal))));
        foreach (var flag in (string[])["FIRST", "SECOND"])
        {
            Assert.True(file.Flags[flag].Accepts(new Caller(name, [])));
            Assert.True(file.Flags[flag].Accepts(new Caller("somebody", [name])));
            Assert.False(file.Flags[flag].Accepts(new Caller("somebody", [])));
        }
    }

    [Theory]
    [InlineData("a,b", "X-User-Id can carry", "X-User-Groups can carry")]
    [InlineData("a\\nb", "X-User-Id can carry", "X-User-Groups can carry")]
    [InlineData(" ", "X-User-Id can carry", "X-User-Groups can carry")]
    [InlineData("Alice@x.y", "\"alice@x.y\", if that is what X-User-Id says", null)]
    public void Name_ThatIsProbablyNobodys_IsAWarning(string written, string user, string? group)
    {
        var findings = new List<ConfigFinding>();

        Assert.NotNull(RolloutFile.Read(NamesJson(written), _ => "true", "Production", findings));

        Assert.All(findings, finding => Assert.Equal(FindingSeverity.Warning, finding.Severity));
        Assert.Equal(2, findings.Count(f => f.Path.Contains("Users:0", StringComparison.Ordinal) && f.Expected.Contains(user, StringComparison.Ordinal)));
        Assert.Equal(group is null ? 0 : 2, findings.Count(f =>
            f.Path.EndsWith("Groups:0:Name", StringComparison.Ordinal) && f.Expected.Contains(group!, StringComparison.Ordinal)));
    }

    [Fact]
    public void Name_LongerThanAnIdMayBe_IsAWarning()
    {
        var findings = new List<ConfigFinding>();

        Assert.NotNull(RolloutFile.Read(NamesJson(new string('a', 257)), _ => "true", "Production", findings));

        Assert.Equal(2, findings.Count);
    }

    /// <summary>One name as a user and as a group, of a cohort and of a targeting filter.</summary>
    private static byte[] NamesJson(string name) => Encoding.UTF8.GetBytes($$"""
        { "feature_management": { "feature_flags": [
            { "id": "FIRST", "enabled": true, "conditions": { "client_filters": [ { "name": "Cohort", "parameters": { "Name": "canary" } } ] } },
            { "id": "SECOND", "enabled": true, "conditions": { "client_filters": [ { "name": "Microsoft.Targeting", "parameters": { "Audience": {
                "Users": [ "{{name}}" ], "Groups": [ { "Name": "{{name}}", "RolloutPercentage": 100 } ], "DefaultRolloutPercentage": 0 } } } ] } } ] },
          "Cohorts": { "canary": { "Users": [ "{{name}}" ], "Groups": [ { "Name": "{{name}}", "RolloutPercentage": 100 } ] } } }
        """);

    private static RolloutFile Read(string filters, double percentage = 0, string requirement = "Any")
    {
        var findings = new List<ConfigFinding>();
        var file = RolloutFile.Read(Json(filters, percentage, requirement), _ => "true", "Production", findings);
        Assert.Empty(findings);
        return file!;
    }

    private static byte[] Json(string filters, double percentage = 0, string requirement = "Any") => Encoding.UTF8.GetBytes($$"""
        { "feature_management": { "feature_flags": [
            { "id": "FIRST", "enabled": true, "conditions": { "requirement_type": "{{requirement}}", "client_filters": [ {{filters}} ] } },
            { "id": "SECOND", "enabled": true, "conditions": { "client_filters": [ {{filters}} ] } } ] },
          "Cohorts": { "canary": { "DefaultRolloutPercentage": {{percentage}} } } }
        """);

    private static IReadOnlyList<string> Users(Flag flag) =>
        [.. Enumerable.Range(0, 1000).Select(i => $"user-{i}").Where(id => flag.Accepts(new Caller(id, [])))];

    private static IEnumerable<Caller> Callers() =>
        from id in Enumerable.Range(0, 200).Select(i => $"user-{i}").Append("ada").Append("eve")
        from groups in (string[][])[[], ["staff"], ["staff", "contractors"]]
        select new Caller(id, groups);

    private static FeatureManager MicrosoftsOwn(byte[] json) => new(new ConfigurationFeatureDefinitionProvider(
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(json)).Build()))
    {
        FeatureFilters =
        [
            new ContextualTargetingFilter(
                Microsoft.Extensions.Options.Options.Create(new TargetingEvaluationOptions()),
                Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance),
        ],
    };
}
