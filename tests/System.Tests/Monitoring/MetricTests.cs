using System.Text.RegularExpressions;
using Harness;

namespace SystemTests.Monitoring;

/// <summary>
/// Names in rules, dashboards and documents against a live scrape of both programs, and the other way round.
/// Holds docs/contract.md section 7: metrics.
/// </summary>
public sealed class MetricTests
{
    /// <summary>Words of the documents that look like metrics: columns of tables and CSV files.</summary>
    private static readonly string[] Columns = ["calendar_id"];

    private const string Librarys = "process|dotnet|system_runtime|prometheus_net";

    [Fact]
    public async Task Names_InRulesDashboardsAndDocuments_AreThoseOfALiveScrape()
    {
        await using var system = await TestSystem.StartAsync();
        await RolloutTests.WholeStoryAsync(system);
        var documented = Document("metrics.md");
        var live = await BothAsync(system);
        Assert.Empty(Missing(documented, Librarys, live));

        Assert.All(Directory.GetFiles(Path.Combine(Repository.Root, "prometheus"), "*.rules.yml", SearchOption.AllDirectories), file =>
            Assert.Empty(Missing(WithoutComments(File.ReadAllText(file)), "gateway|calendar", live)));
        Assert.All(Dashboards.Queries(), q => Assert.Empty(Missing(q.Expr, "gateway|calendar|" + Librarys, live)));
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(Repository.Root, "README.md")))
        {
            var text = string.Join('\n', File.ReadAllLines(file).Where(line => !line.Contains("grep", StringComparison.Ordinal)));
            Assert.True(Missing(text, "gateway|calendar", live).Except(Columns).ToArray() is [],
                $"{file}: {string.Join(' ', Missing(text, "gateway|calendar", live))}");
        }

        Assert.All(live.Gateway.Families.Concat(live.Service.Families),
            name => Assert.Contains($"`{name}`", documented, StringComparison.Ordinal));
    }

    [Fact]
    public async Task FirstScrape_OfBothPrograms_HasEverySeriesThatAWholeStoryMoves_AsZero()
    {
        await using var system = await TestSystem.StartAsync();
        var first = await OursAsync(system);
        // What happens, happened not yet: counters and histograms are 0; gauges say what is true now.
        var happened = first.Where(s => Regex.IsMatch(s.Key, @"^\w+(_total|_count|_sum|_bucket)(\{|$)", RegexOptions.ExplicitCapture));
        Assert.All(happened, s => Assert.True(s.Value == 0, $"{s.Key} is {s.Value}"));

        await RolloutTests.WholeStoryAsync(system);
        await system.ServiceProcess.KillAsync();
        await system.BackendAsync("calendar", "unhealthy");
        (await TestSystem.SendAsync(system.Public, HttpMethod.Post, "/api/publish", "alice", new { calendarId = "spring", dryRun = true }))
            .Dispose();
        (await TestSystem.SendAsync(system.Public, HttpMethod.Get, "/api/calendar", "alice")).Dispose();
        system.StartService();
        await system.ServiceReadyAsync();

        Assert.Empty((await OursAsync(system)).Keys.Except(first.Keys));
    }

    /// <summary>A thousand of everything that a stranger can make up: no series appears.</summary>
    [Fact]
    public async Task HostileTraffic_AddsNoSeries()
    {
        await using var system = await TestSystem.StartAsync();
        await RolloutTests.WholeStoryAsync(system);
        var (gateway, service) = await BothAsync(system);

        await Parallel.ForAsync(1, 1001, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => await AttackAsync(system, i));

        var after = await BothAsync(system);
        Assert.Empty(after.Gateway.Series.Except(gateway.Series));
        Assert.Empty(after.Service.Series.Except(service.Series));
    }

    private static async Task AttackAsync(TestSystem system, int i)
    {
        var name = $"made-up-{i}";
        (HttpMethod Method, string Path, object? Body)[] requests =
        [
            (new HttpMethod($"MADE-UP-{i}"), $"/{name}", null),
            (HttpMethod.Get, $"/api/calendar/{name}", null),
            (HttpMethod.Post, "/api/publish", new { calendarId = name, runId = name, entryIds = new[] { name }, dryRun = true }),
            (HttpMethod.Post, "/api/calendar/generate",
                new { brief = name, startDate = "2027-03-26", days = 1, postsPerDay = 1, channels = new[] { name }, timezone = name }),
        ];
        var client = i % 2 == 0 ? system.Public : system.Service;
        foreach (var (method, path, body) in requests)
        {
            using var response = await TestSystem.SendAsync(
                client, method, path, i % 3 == 0 ? "alice" : name, body, ("Host", $"{name}.example"), ("X-User-Groups", name),
                ("X-Request-Id", name + "-request"),
                ("Idempotency-Key", name), ("User-Agent", name), ("Origin", $"https://{name}.example"));
        }
    }

    /// <summary>Every series of ours in both programs, but the one whose label is the configuration's revision.</summary>
    private static async Task<IReadOnlyDictionary<string, double>> OursAsync(TestSystem system) =>
        (await Scrape.OfAsync(system.Admin)).Values.Concat((await Scrape.OfAsync(system.Service)).Values)
            .Where(s => Scrape.IsOurs(s.Key) && !s.Key.StartsWith("gateway_config_info", StringComparison.Ordinal))
            .ToDictionary(StringComparer.Ordinal);

    private static async Task<(Scrape Gateway, Scrape Service)> BothAsync(TestSystem system) =>
        (await Scrape.OfAsync(system.Admin), await Scrape.OfAsync(system.Service));

    private static string[] Missing(string text, string prefixes, (Scrape Gateway, Scrape Service) live) =>
        [.. Scrape.NamesIn(text, prefixes).Except(live.Gateway.Names).Except(live.Service.Names)];

    private static string Document(string name) => File.ReadAllText(Path.Combine(Repository.Root, "docs", name));

    private static string WithoutComments(string yaml) => Regex.Replace(yaml, @"^\s*#.*$", "", RegexOptions.Multiline);
}
