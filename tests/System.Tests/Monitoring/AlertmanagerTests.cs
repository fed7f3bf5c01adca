using Harness;

namespace SystemTests.Monitoring;

/// <summary>Who is told of what, by amtool on the shipped file and by a running Alertmanager.</summary>
public sealed class AlertmanagerTests(AlertmanagerProcess alertmanager, LoadedRules rules) : IClassFixture<AlertmanagerProcess>,
    IClassFixture<LoadedRules>
{
    [Fact]
    public async Task Configuration_Checked_IsValid() =>
        Assert.Contains(
            "4 receivers", await Tool.RunAsync("amtool", null, "check-config", AlertmanagerProcess.Shipped), StringComparison.Ordinal);

    [Fact]
    public async Task Routes_OfEveryShippedAlert_LeadWhereItsSeveritySays()
    {
        foreach (var alert in rules.Alerts)
        {
            var receiver = alert.Labels["severity"] switch
            {
                "critical" => "pager",
                "warning" => "chat",
                "ticket" => "tickets",
                _ => "watchdog",
            };
            await RoutedAsync(receiver, $"alertname={alert.Name}", $"severity={alert.Labels["severity"]}", "job=gateway");
        }

        await RoutedAsync("chat", "alertname=SomebodyElses", "severity=info");
    }

    [Fact]
    public async Task GatewayDown_MutesWhatFollowsFromIt_AndNothingElse()
    {
        await alertmanager.FireAsync("GatewayDown", "severity=critical", "job=gateway");
        foreach (var child in (string[])["TargetDown", "BackendDown", "FallbackActive", "CircuitOpen", "ConfigReloadFailed",
            "ConfigRevisionsDiffer", "CalendarSseErrorRateHigh", "PublishFailureRateHigh"])
            await alertmanager.FireAsync(child, "severity=warning", "job=gateway", "instance=g1");
        await alertmanager.FireAsync("PublishFailureRateHigh", "severity=critical", "job=gateway", "instance=g2");
        await alertmanager.FireAsync("StoreDown", "severity=critical", "job=calendar", "instance=alone");
        await alertmanager.FireAsync("TargetDown", "severity=warning", "job=prometheus", "instance=alone");

        await Eventually.TrueAsync(
            "all children are muted", async () => (await alertmanager.MutedAsync("gateway")).Count(a => a.Value) == 9);
        Assert.Equal(["GatewayDown critical"], (await alertmanager.MutedAsync("gateway")).Where(a => !a.Value).Select(a => a.Key));
        await ToldAsync("pager", "firing", "GatewayDown", null);
        await ToldAsync("pager", "firing", "StoreDown", "alone");
        await ToldAsync("chat", "firing", "TargetDown", "alone");
        Assert.DoesNotContain(alertmanager.Notifications, n => n.Alerts.Any(a => a.Instance is "g1" or "g2"));

        await alertmanager.ResolveAsync("GatewayDown", "severity=critical", "job=gateway");
        await ToldAsync("pager", "resolved", "GatewayDown", null);
        await ToldAsync("chat", "firing", "TargetDown", "g1"); // What is still wrong is told as soon as its cause is gone.
    }

    [Fact]
    public async Task Causes_MuteTheirConsequences_AndNotWhatUsersSuffer()
    {
        foreach (var (name, labels) in Alerts)
            await alertmanager.FireAsync([name, "job=edge", .. labels.Split(' ')]);

        string[] muted =
        [
            "CalendarSseErrorRateHigh warning", "CalendarSseErrorRateHigh ticket", "PublishFailureRateHigh ticket",
            "BackendDown calendar warning", "calendar FallbackActive warning",
            "calendar CircuitOpen warning",
            "SpoolStuck c1 warning", "StoreDown c3 critical", "ConfigReloadFailed c3 warning",
        ];
        await Eventually.TrueAsync("consequences are muted, and only they", async () =>
            (await alertmanager.MutedAsync("edge")).Where(a => a.Value).Select(a => Sorted(a.Key)).Order(StringComparer.Ordinal)
            .SequenceEqual(muted.Select(Sorted).Order(StringComparer.Ordinal), StringComparer.Ordinal));
        Assert.Equal(Alerts.Length, (await alertmanager.MutedAsync("edge")).Count);
    }

    [Fact]
    public async Task Watchdog_GoesToItsOwnReceiver_AgainAndAgain()
    {
        await alertmanager.FireAsync("Watchdog", "severity=none");

        await Eventually.TrueAsync(
            "the switch has heard it twice", () => alertmanager.Notifications.Count(n => n.Receiver == "watchdog") >= 2);
        Assert.All(
            alertmanager.Notifications.Where(n => n.Alerts.Any(a => a.Name == "Watchdog")), n => Assert.Equal("watchdog", n.Receiver));
    }

    private static readonly (string Name, string Labels)[] Alerts =
    [
        ("CalendarSseErrorRateHigh", "severity=critical"), ("CalendarSseErrorRateHigh", "severity=warning"),
        ("CalendarSseErrorRateHigh", "severity=ticket"),
        ("PublishFailureRateHigh", "severity=warning"), ("PublishFailureRateHigh", "severity=ticket"),
        ("BackendDown", "severity=critical backend=calendar"), ("BackendDown", "severity=warning backend=calendar"),
        ("FallbackActive", "severity=warning backend=calendar"), ("CircuitOpen", "severity=warning backend=calendar"),
        ("FallbackActive", "severity=warning backend=legacy"), ("CircuitOpen", "severity=warning backend=legacy"),
        ("StoreDown", "severity=critical instance=c1"), ("SpoolStuck", "severity=warning instance=c1"),
        ("SpoolStuck", "severity=warning instance=c2"),
        ("TargetDown", "severity=warning instance=c3"), ("StoreDown", "severity=critical instance=c3"),
        ("ConfigReloadFailed", "severity=warning instance=c3"),
    ];

    private static string Sorted(string words) => string.Join(' ', words.Split(' ').Order(StringComparer.Ordinal));

    private Task ToldAsync(string receiver, string status, string name, string? instance) => Eventually.TrueAsync(
        $"{receiver} is told that {name} of {instance ?? "all"} is {status}",
        () => alertmanager.Notifications.Any(n => n.Receiver == receiver && n.Alerts.Contains((status, name, instance))));

    private static Task RoutedAsync(string receiver, params string[] labels) => Tool.RunAsync(
        "amtool", null,
        ["config", "routes", "test", $"--config.file={AlertmanagerProcess.Shipped}", $"--verify.receivers={receiver}", .. labels]);
}
