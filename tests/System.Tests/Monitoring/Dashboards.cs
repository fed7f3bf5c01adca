using System.Text.Json;

namespace SystemTests.Monitoring;

/// <param name="Panel">The panel's title, or <c>annotation: </c> and the annotation's name.</param>
internal sealed record DashboardQuery(string Dashboard, string Panel, string Expr);

/// <summary>One of the shipped dashboards.</summary>
internal sealed record Dashboard(string File, JsonElement Json)
{
    public string Uid => Json.GetProperty("uid").GetString()!;

    public IEnumerable<JsonElement> Panels => Json.GetProperty("panels").EnumerateArray();

    /// <summary>Every query, of panels and annotations, with Grafana's variables filled in.</summary>
    /// <param name="rateInterval">For <c>$__rate_interval</c>; at least four scrape intervals.</param>
    public IEnumerable<DashboardQuery> Queries(string rateInterval) =>
        Panels.SelectMany(
            panel => panel.GetProperty("targets").EnumerateArray().Select(t => (Of: panel.GetProperty("title").GetString()!, Query: t)))
            .Concat(Json.GetProperty("annotations").GetProperty("list").EnumerateArray()
                .Select(a => (Of: "annotation: " + a.GetProperty("name").GetString(), Query: a)))
            .Select(q => new DashboardQuery(
                Uid, q.Of, q.Query.GetProperty("expr").GetString()!.Replace("$__rate_interval", rateInterval, StringComparison.Ordinal)));
}

internal static class Dashboards
{
    public static IReadOnlyList<Dashboard> All { get; } =
    [
        .. Directory.GetFiles(Path.Combine(Repository.Root, "prometheus", "grafana", "dashboards"), "*.json").Order(StringComparer.Ordinal)
            .Select(f => new Dashboard(Path.GetFileName(f), JsonDocument.Parse(File.ReadAllText(f)).RootElement)),
    ];

    public static IEnumerable<DashboardQuery> Queries(string rateInterval = "1m") => All.SelectMany(d => d.Queries(rateInterval));
}
