using System.Globalization;
using System.Text.RegularExpressions;
using Harness.Fixtures;

namespace Drill;

/// <summary>Where Prometheus finds what, and where Alertmanager sends.</summary>
internal sealed record MonitoringPorts(int[] GatewayAdmins, int Service, int Prometheus, int Alertmanager, int Webhook);

/// <summary>
/// The rules and Alertmanager's routes as they stand in the folder, in quick motion: every duration in the text divided by
/// <see cref="Speed"/>, and not a word else. Who is scraped and who is told is the drill's own: no pager of anybody's rings.
/// </summary>
internal static partial class MonitoringFiles
{
    public const int Speed = 60;

    /// <summary>Scrapes and evaluations, 15 s as shipped. The shortest window of a rate, 5 minutes, holds ten of them here.</summary>
    public const string Interval = "500ms";

    /// <param name="shipped">The folder as it stands in the checkout.</param>
    /// <param name="folder">Where Prometheus and Alertmanager will find theirs.</param>
    /// <exception cref="DrillException">The shipped files are not what the drill knows, or the tools refuse the result.</exception>
    public static async Task WriteAsync(string shipped, string folder, MonitoringPorts ports)
    {
        Directory.CreateDirectory(Path.Combine(folder, "rules"));
        var rules = Directory.GetFiles(Path.Combine(shipped, "rules"), "*.rules.yml").Order(StringComparer.Ordinal).ToList();
        foreach (var file in rules)
            await File.WriteAllTextAsync(Path.Combine(folder, "rules", Path.GetFileName(file)), Quicken(await File.ReadAllTextAsync(file)));
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yml"), Prometheus(ports));
        await File.WriteAllTextAsync(
            Path.Combine(folder, "alertmanager.yml"),
            OwnReceivers.Replace(
                Quicken(await File.ReadAllTextAsync(Path.Combine(shipped, "alertmanager.yml"))), $"http://{Address(ports.Webhook)}"));

        await ChildProcess.CheckAsync("promtool", "check", "config", Path.Combine(folder, "prometheus.yml"));
        await ChildProcess.CheckAsync("amtool", "check-config", Path.Combine(folder, "alertmanager.yml"));
    }

    /// <summary>Durations where PromQL and the two formats have them: [15m], offset 15m, and after a key that takes one.</summary>
    public static string Quicken(string text) => Duration().Replace(text, found => Scaled(found.Value));

    // The shipped file's jobs, and none of the targets, remote writes or Alertmanagers that an operator may have put into it.
    private static string Prometheus(MonitoringPorts ports) => $$"""
        global:
          scrape_interval: {{Interval}}
          evaluation_interval: {{Interval}}
          external_labels: { runbook_base: '', dashboard_base: 'http://127.0.0.1:3000/' }
        rule_files: [rules/*.rules.yml]
        alerting:
          alert_relabel_configs: [{ regex: runbook_base|dashboard_base, action: labeldrop }]
          alertmanagers: [{ static_configs: [{ targets: ['{{Address(ports.Alertmanager)}}'] }] }]
        scrape_configs:
          - job_name: gateway
            static_configs: [{ targets: [{{string.Join(", ", ports.GatewayAdmins.Select(port => $"'{Address(port)}'"))}}] }]
          - job_name: calendar
            static_configs: [{ targets: ['{{Address(ports.Service)}}'] }]
          - job_name: prometheus
            static_configs: [{ targets: ['{{Address(ports.Prometheus)}}'] }]
          - job_name: alertmanager
            static_configs: [{ targets: ['{{Address(ports.Alertmanager)}}'] }]

        """;

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private static string Scaled(string duration)
    {
        var milliseconds = Part().Matches(duration)
            .Sum(part => long.Parse(part.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * part.Groups[2].Value switch
        {
            "ms" => 1L,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            _ => 31_536_000_000,
        });
        return milliseconds == 0 ? "0s" : string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, milliseconds / Speed)}ms");
    }

    [GeneratedRegex(
        @"(?<=\[|\[[0-9a-z]+:|\boffset |\b(?:for|keep_firing_for|interval|group_wait|group_interval|repeat_interval): *)(?:[0-9]+(?:ms|[smhdwy]))+\b")]
    private static partial Regex Duration();

    [GeneratedRegex("([0-9]+)(ms|[smhdwy])")]
    private static partial Regex Part();
}
