using System.Text.Json;
using System.Text.RegularExpressions;

namespace Drill;

/// <param name="Panel">Its title, or "annotation" and the annotation's name.</param>
internal sealed record DashboardQuery(string Dashboard, string Panel, string Expr);

/// <summary>Every query of the shipped dashboards, asked as Grafana would ask it.</summary>
internal static partial class DashboardQueries
{
    public static IReadOnlyList<DashboardQuery> Read(string monitoring) =>
    [
        .. Directory.GetFiles(Path.Combine(monitoring, "grafana", "dashboards"), "*.json").Order(StringComparer.Ordinal).SelectMany(file =>
        {
            using var dashboard = JsonDocument.Parse(File.ReadAllText(file));
            return Queries(Path.GetFileNameWithoutExtension(file), dashboard.RootElement).ToList();
        }),
    ];

    public static IReadOnlySet<string> Uids(string monitoring) =>
        Directory.GetFiles(Path.Combine(monitoring, "grafana", "dashboards"), "*.json").Select(file =>
        {
            using var dashboard = JsonDocument.Parse(File.ReadAllText(file));
            return dashboard.RootElement.GetProperty("uid").GetString()!;
        }).ToHashSet(StringComparer.Ordinal);

    /// <returns>A sentence for each query that has no data in this time, or that Prometheus refuses.</returns>
    public static async Task<IReadOnlyList<string>> FaultsAsync(
        IEnumerable<DashboardQuery> queries, MonitoringApi monitoring, DateTimeOffset from, DateTimeOffset to)
    {
        var faults = new List<string>();
        foreach (var query in queries)
        {
            // Grafana's $__rate_interval is at least four scrapes; the durations in a panel are the rules' own.
            var expr = MonitoringFiles.Quicken(query.Expr).Replace("$__rate_interval", "2s", StringComparison.Ordinal);
            try
            {
                var series = await monitoring.RangeAsync(Variable().Replace(expr, ".*"), from, to);
                if (!series.SelectMany(s => s.Samples).Any(s => !double.IsNaN(s.Value)))
                    faults.Add($"dashboard {query.Dashboard}, panel \"{query.Panel}\" has no data: {query.Expr}");
            }
            catch (DrillException refused)
            {
                faults.Add($"dashboard {query.Dashboard}, panel \"{query.Panel}\": {refused.Message}");
            }
        }

        return faults;
    }

    private static IEnumerable<DashboardQuery> Queries(string name, JsonElement dashboard)
    {
        foreach (var panel in dashboard.GetProperty("panels").EnumerateArray().SelectMany(p => (JsonElement[])[p, .. Each(p, "panels")]))
        {
            foreach (var target in Each(panel, "targets"))
                yield return new(name, panel.GetProperty("title").GetString()!, target.GetProperty("expr").GetString()!);
        }

        foreach (var annotation in dashboard.TryGetProperty("annotations", out var annotations) ? Each(annotations, "list") : [])
        {
            if (annotation.TryGetProperty("expr", out var expr))
                yield return new(name, "annotation " + annotation.GetProperty("name").GetString(), expr.GetString()!);
        }
    }

    private static IEnumerable<JsonElement> Each(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var list) ? list.EnumerateArray() : [];

    [GeneratedRegex(@"\$[a-z]\w*|\$\{[a-z]\w*\}")]
    private static partial Regex Variable();
}
