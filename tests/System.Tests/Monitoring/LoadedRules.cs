using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Harness;

namespace SystemTests.Monitoring;

/// <param name="Query">PromQL, as Prometheus prints it.</param>
/// <param name="Labels">As written; templates are not filled in.</param>
internal sealed record Rule(
    string Name, bool IsAlert, string Query, IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string, string> Annotations);

/// <summary>The shipped rules as a real Prometheus reads them, so that nothing here needs to understand YAML.</summary>
public sealed class LoadedRules : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rules-").FullName;

    internal static string[] Files => Directory.GetFiles(Path.Combine(Repository.Root, "prometheus", "rules"), "*.rules.yml");

    internal static string[] TestFiles => Directory.GetFiles(Path.Combine(Repository.Root, "prometheus", "tests"), "*.test.yml");

    internal IReadOnlyList<Rule> All { get; private set; } = [];

    internal IEnumerable<Rule> Alerts => All.Where(r => r.IsAlert);

    public async ValueTask InitializeAsync()
    {
        var config = Path.Combine(_folder, "prometheus.yml");
        await File.WriteAllTextAsync(config, $"rule_files: ['{Path.Combine(Repository.Root, "prometheus", "rules", "*.rules.yml")}']\n");
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{OwnPorts.Next()}");
        await using var prometheus = ProgramProcess.Start(
            "prometheus",
            [$"--config.file={config}", $"--storage.tsdb.path={Path.Combine(_folder, "data")}", $"--web.listen-address={address}"]);
        using var handler = new SocketsHttpHandler();
        using var client = new HttpClient(handler) { BaseAddress = new Uri($"http://{address}") };
        await Eventually.TrueAsync("Prometheus has read the rules", async () =>
        {
            Assert.False(prometheus.HasExited, prometheus.Errors);
            try
            {
                All = Read(await client.GetFromJsonAsync<JsonElement>("/api/v1/rules"));
            }
            catch (HttpRequestException)
            {
                return false; // Not listening yet, or not ready.
            }

            return All.Count > 0;
        });
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static Rule[] Read(JsonElement answer) =>
    [
        .. answer.GetProperty("data").GetProperty("groups").EnumerateArray().SelectMany(g => g.GetProperty("rules").EnumerateArray())
        .Select(rule => new Rule(
            rule.GetProperty("name").GetString()!, rule.GetProperty("type").GetString() == "alerting",
            rule.GetProperty("query").GetString()!,
            Pairs(rule, "labels"), Pairs(rule, "annotations"))),
    ];

    private static Dictionary<string, string> Pairs(JsonElement rule, string name) => rule.TryGetProperty(name, out var pairs)
        ? pairs.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal)
        : new(StringComparer.Ordinal);
}
