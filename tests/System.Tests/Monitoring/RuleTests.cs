using System.Text.RegularExpressions;

namespace SystemTests.Monitoring;

/// <summary>
/// What promtool says of the shipped rules, and what it cannot see: that every alert is explained, linked and tested.
/// Holds docs/contract.md section 7: metrics.
/// </summary>
public sealed partial class RuleTests(LoadedRules rules) : IClassFixture<LoadedRules>
{
    private static readonly string[] Kinds = ["fires", "just below", "no traffic", "counter reset", "missing series"];

    [Fact]
    public async Task Configuration_Checked_IsValid() =>
        await Tool.RunAsync("promtool", null, "check", "config", Path.Combine(Repository.Root, "prometheus", "prometheus.yml"));

    [Fact]
    public async Task Rules_Tested_FireAndStaySilentAsTheyShould()
    {
        Assert.Equal(Names(LoadedRules.Files), Names(LoadedRules.TestFiles));
        await Tool.RunAsync("promtool", null, ["check", "rules", .. LoadedRules.Files]);
        await Tool.RunAsync("promtool", null, ["test", "rules", .. LoadedRules.TestFiles]);
    }

    [Fact]
    public void Alerts_AreThoseOfTheDemand() => Assert.Equal(
        [
            "BackendDown", "CalendarSseErrorRateHigh", "ChannelAuthMissing", "CircuitOpen", "ConfigReloadFailed", "ConfigRevisionsDiffer",
            "DataFolderUnusable", "FallbackActive", "GatewayDown", "PublishFailureRateHigh", "SpoolStuck", "StoreDown", "TargetDown",
            "Watchdog",
        ],
        rules.Alerts.Select(a => a.Name).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Recordings_Named_AreLevelMetricOperations() =>
        Assert.All(rules.All.Where(r => !r.IsAlert), r => Assert.Matches("^[a-z_]+:[a-z_]+:[a-z]+(_[a-z]+)*[0-9]+[mh]$", r.Name));

    [Fact]
    public void Alerts_Each_HaveSeverityWordsNumbersAndLinks()
    {
        var sections = Headings("alerts.md");
        var dashboards = Dashboards.All.Select(d => d.Uid).ToArray();
        Assert.All(rules.Alerts, alert =>
        {
            Assert.Contains(alert.Labels.GetValueOrDefault("severity"), (string[])["critical", "warning", "ticket", "none"]);
            Assert.False(string.IsNullOrWhiteSpace(alert.Annotations["summary"]));
            Assert.Matches(@"\{\{", alert.Annotations["description"]);
            Assert.Matches("[0-9]", alert.Annotations["description"]);
            Assert.Equal(
                "{{ $externalLabels.runbook_base }}docs/alerts.md#" + alert.Name.ToLowerInvariant(), alert.Annotations["runbook_url"]);
            Assert.Contains(alert.Name, sections);
            Assert.Contains(alert.Annotations["dashboard_url"], dashboards.Select(uid => "{{ $externalLabels.dashboard_base }}d/" + uid));
        });
        Assert.Equal(rules.Alerts.Select(a => a.Name).Distinct().Order(StringComparer.Ordinal), sections.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Alerts_Each_HaveEveryKindOfCase()
    {
        var cases = LoadedRules.TestFiles.SelectMany(f => CaseName().Matches(File.ReadAllText(f))).Select(m => m.Groups["name"].Value)
            .ToArray();
        Assert.Equal(cases.Length, cases.Distinct().Count());
        // What always fires has no value just below.
        var wanted = rules.Alerts.Select(a => a.Name).Distinct()
            .SelectMany(a => Kinds.Where(k => (a, k) is not ("Watchdog", "just below")).Select(k => $"{a} {k}:"));
        Assert.All(wanted, want => Assert.Contains(cases, c => c.StartsWith(want, StringComparison.Ordinal)));
        Assert.All(cases, c => Assert.Contains(Kinds, k => Regex.IsMatch(c, $"^[A-Za-z]+ {k}: .", RegexOptions.None)));
    }

    [Fact]
    public void Sections_Each_SayWhatToDo_AndLinkToHeadingsThatExist()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "alerts.md"));
        Assert.All(text.Split("\n## ")[1..], section =>
            Assert.All((string[])["**Meaning**", "**Impact**", "**First look**", "**Do**", "**Over**"],
                part => Assert.Contains(part, section, StringComparison.Ordinal)));
        Assert.All(Regex.Matches(text, @"\]\((?<file>[a-z-]+\.md)?#(?<anchor>[a-z-]+)\)", RegexOptions.ExplicitCapture), link =>
        {
            var file = link.Groups["file"] is { Success: true } other ? other.Value : "alerts.md";
            Assert.Contains(link.Groups["anchor"].Value, Headings(file).Select(h => h.ToLowerInvariant().Replace(' ', '-')));
        });
    }

    private static string[] Headings(string document) =>
        [.. Heading().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", document))).Select(m => m.Groups["heading"].Value)];

    private static string[] Names(string[] files) =>
        [.. files.Select(f => Path.GetFileName(f).Split('.')[0]).Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"^  - name: '(?<name>[^']+)'$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex CaseName();

    [GeneratedRegex("^## (?<heading>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();
}
