using System.Text.Json;
using System.Text.RegularExpressions;
using SystemTests.Fixtures;
using SystemTests.Monitoring;

namespace SystemTests.Drill;

/// <summary>The drill as an operator holds it: every alert of the shipped rules, from a real fault to a webhook and back.</summary>
public sealed partial class DrillTests
{
    // It pages when five intents have waited for half an hour. The warning is drilled; the page has only its rule tests.
    private static readonly string[] NotDrilled = ["SpoolStuck critical"];

    [Fact]
    public async Task Drill_EveryShippedAlert_ArrivesAsItShouldAndResolves()
    {
        await using var drill = ProgramProcess.Start(
            "env", [.. OwnEnvironmentTests.Exported, "dotnet", Repository.Program("tests/Drill", "drill"), "--json"]);
        var exit = await drill.EndAsync();
        Assert.True(exit == 0, drill.Errors);
        var result = JsonDocument.Parse(string.Join('\n', drill.Output)).RootElement;
        var alerts = result.GetProperty("alerts").EnumerateArray().ToList();

        Assert.True(result.GetProperty("passed").GetBoolean());
        Assert.Empty(result.GetProperty("failures").EnumerateArray());
        Assert.Equal(Shipped().Except(NotDrilled),
            alerts.Select(a => $"{Text(a, "alert")} {Text(a, "severity")}").Distinct().Order(StringComparer.Ordinal));
        Assert.All(alerts, AssertToldAndOver);
        // The ones that have to be silent were seen to fire, and to be kept quiet.
        Assert.Equal(
            ["CalendarSseErrorRateHigh by CalendarSseErrorRateHigh", "CalendarSseErrorRateHigh by GatewayDown",
                "FallbackActive by BackendDown", "SpoolStuck by StoreDown", "TargetDown by GatewayDown"],
            result.GetProperty("muted").EnumerateArray().Select(m => Muted().Replace(m.GetString()!, "")).Order(StringComparer.Ordinal));
        Assert.Equal(Dashboards.Queries().Count(), result.GetProperty("dashboardQueries").GetInt32());
        Assert.False(Directory.Exists(LogFolder().Match(drill.Errors).Value), "a drill that passed leaves its folder behind");
    }

    private static void AssertToldAndOver(JsonElement alert)
    {
        var (name, severity) = (Text(alert, "alert"), Text(alert, "severity"));
        Assert.Equal(severity switch { "critical" => "pager", "warning" => "chat", "ticket" => "tickets", _ => "watchdog" }, Text(alert, "receiver"));
        Assert.Equal((name, severity), (Text(alert.GetProperty("labels"), "alertname"), Text(alert.GetProperty("labels"), "severity")));
        var annotations = alert.GetProperty("annotations");
        Assert.NotEmpty(Text(annotations, "summary"));
        Assert.Matches("[0-9]", Text(annotations, "description"));
        var (page, anchor) = Text(annotations, "runbook_url").Split('#') switch { [var p, var a] => (p, a), _ => ("", "") };
        Assert.Contains(
            File.ReadLines(Path.Combine(Repository.Root, page)),
            line => line.Equals("## " + anchor.Replace('-', ' '), StringComparison.OrdinalIgnoreCase));
        Assert.StartsWith("http://127.0.0.1:3000/d/gateway-", Text(annotations, "dashboard_url"), StringComparison.Ordinal);
        if (name == "Watchdog")
            return;
        Assert.True(alert.GetProperty("firingAt").GetDouble() >= alert.GetProperty("badSampleAt").GetDouble(), name);
        Assert.True(alert.GetProperty("webhookAt").GetDouble() > alert.GetProperty("firingAt").GetDouble(), name);
        Assert.True(alert.GetProperty("resolvedAt").GetDouble() > alert.GetProperty("mendedAt").GetDouble(), name);
    }

    /// <summary>An alert that is added to the rules is an alert to be drilled.</summary>
    private static IEnumerable<string> Shipped() =>
        Directory.GetFiles(Path.Combine(Repository.Root, "prometheus", "rules"), "*.rules.yml")
            .SelectMany(file => AlertRule().Matches(File.ReadAllText(file)))
            .Select(rule => $"{rule.Groups["name"].Value} {rule.Groups["severity"].Value}").Order(StringComparer.Ordinal);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    [GeneratedRegex(@"- alert: (?<name>\w+)(?:(?!- alert:).)*?severity: (?<severity>\w+)", RegexOptions.Singleline)]
    private static partial Regex AlertRule();

    [GeneratedRegex(@" (warning|critical|ticket) \{[^}]*\}")]
    private static partial Regex Muted();

    [GeneratedRegex(@"(?<=logs +)/\S+")]
    private static partial Regex LogFolder();
}
