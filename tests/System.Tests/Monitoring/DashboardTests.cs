using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SystemTests.Monitoring;

public sealed class DashboardTests
{
    [Fact]
    public void Dashboards_Each_HaveAStableUidAndPanelsThatDoNotCollide()
    {
        Assert.Equal(["gateway-backends", "gateway-publish", "gateway-runtime", "gateway-streams", "gateway-traffic"],
            Dashboards.All.Select(d => d.Uid));
        Assert.All(Dashboards.All, dashboard =>
        {
            Assert.Equal(dashboard.Uid + ".json", dashboard.File); // A link's last segment names the file.
            var ids = dashboard.Panels.Select(p => p.GetProperty("id").GetInt32()).ToArray();
            Assert.Equal(ids.Length, ids.Distinct().Count());
            Assert.All(dashboard.Panels, panel => Assert.NotEmpty(panel.GetProperty("targets").EnumerateArray()));
            var cells = dashboard.Panels.SelectMany(Cells).ToArray();
            Assert.Equal(cells.Length, cells.Distinct().Count());
            Assert.All(cells, cell => Assert.InRange(cell.X, 0, 23));
            Assert.Equal(["Configuration revisions", "Alerts"], dashboard.Json.GetProperty("annotations").GetProperty("list")
                .EnumerateArray().Select(a => a.GetProperty("name").GetString()!));
        });
    }

    [Fact]
    public void Dashboards_Each_AskTheDatasourceThatTheReaderChose() => Assert.All(Dashboards.All, dashboard =>
    {
        var variable = Assert.Single(dashboard.Json.GetProperty("templating").GetProperty("list").EnumerateArray());
        Assert.Equal(("datasource", "datasource"), (variable.GetProperty("name").GetString(), variable.GetProperty("type").GetString()));
        var asked = dashboard.Panels.Concat(dashboard.Panels.SelectMany(p => p.GetProperty("targets").EnumerateArray()))
            .Concat(dashboard.Json.GetProperty("annotations").GetProperty("list").EnumerateArray());
        Assert.All(asked, a => Assert.Equal("${datasource}", a.GetProperty("datasource").GetProperty("uid").GetString()));
    });

    /// <summary>promtool checks no single expression, so each becomes a rule of a file that it does check.</summary>
    [Fact]
    public async Task Queries_Each_Parse()
    {
        var queries = Dashboards.Queries().ToArray();
        Assert.NotEmpty(queries);
        Assert.All(queries, q => Assert.DoesNotContain("$", q.Expr, StringComparison.Ordinal));
        var file = Path.GetTempFileName();
        try
        {
            var rules = new StringBuilder("groups:\n- name: dashboards\n  rules:\n");
            foreach (var (query, index) in queries.Select((q, i) => (q, i)))
                rules.Append(System.Globalization.CultureInfo.InvariantCulture,
                    $"  - record: query:{index}\n    expr: {JsonSerializer.Serialize(query.Expr)}\n");
            await File.WriteAllTextAsync(file, rules.ToString());
            Assert.Contains(
                $"{queries.Length} rules found", await Tool.RunAsync("promtool", null, "check", "rules", file), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Provisioning_Paths_AreThoseThatComposeMounts()
    {
        var grafana = Path.Combine(Repository.Root, "prometheus", "grafana");
        var provider = File.ReadAllText(Path.Combine(grafana, "provisioning", "dashboards", "gateway.yml"));
        var folder = Regex.Match(provider, @"path: (?<path>\S+)", RegexOptions.ExplicitCapture).Groups["path"].Value;
        var compose = File.ReadAllText(Path.Combine(Repository.Root, "docker-compose.yml"));
        Assert.Contains($"./prometheus/grafana/dashboards:{folder}:ro", compose, StringComparison.Ordinal);
        Assert.Contains("./prometheus/grafana/provisioning:/etc/grafana/provisioning:ro", compose, StringComparison.Ordinal);
    }

    private static IEnumerable<(int X, int Y)> Cells(JsonElement panel)
    {
        var grid = panel.GetProperty("gridPos");
        int At(string name) => grid.GetProperty(name).GetInt32();
        return Enumerable.Range(At("x"), At("w")).SelectMany(x => Enumerable.Range(At("y"), At("h")).Select(y => (x, y)));
    }
}
