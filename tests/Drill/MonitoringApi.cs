using System.Globalization;
using System.Text.Json;

namespace Drill;

/// <summary>One series of an answer, with its samples in the order of time.</summary>
internal sealed record Series(IReadOnlyDictionary<string, string> Labels, IReadOnlyList<(DateTimeOffset At, double Value)> Samples);

/// <summary>What Alertmanager holds of an alert.</summary>
/// <param name="MutedBy">Names of the alerts that inhibit it.</param>
internal sealed record HeldAlert(IReadOnlyDictionary<string, string> Labels, IReadOnlyList<string> MutedBy);

/// <summary>The questions that the drill has for Prometheus and Alertmanager.</summary>
internal sealed class MonitoringApi(HttpClient client, Uri prometheus, Uri alertmanager)
{
    /// <exception cref="DrillException">Prometheus refuses the query.</exception>
    public Task<IReadOnlyList<Series>> QueryAsync(string query) => AskAsync($"api/v1/query?query={Uri.EscapeDataString(query)}", query);

    public Task<IReadOnlyList<Series>> RangeAsync(string query, DateTimeOffset from, DateTimeOffset to) => AskAsync(
        string.Create(CultureInfo.InvariantCulture,
            $"api/v1/query_range?query={Uri.EscapeDataString(query)}&start={Seconds(from)}&end={Seconds(to)}&step=0.5"), query);

    public async Task<IReadOnlyList<HeldAlert>> HeldAsync()
    {
        using var answer = JsonDocument.Parse(await client.GetStringAsync(new Uri(alertmanager, "api/v2/alerts")));
        var alerts = answer.RootElement.EnumerateArray().ToList();
        var names = alerts.ToDictionary(
            alert => alert.GetProperty("fingerprint").GetString()!,
            alert => alert.GetProperty("labels").GetProperty("alertname").GetString()!);
        return
        [
            .. alerts.Select(alert => new HeldAlert(
                Strings(alert.GetProperty("labels")),
                [.. alert.GetProperty("status").GetProperty("inhibitedBy").EnumerateArray()
                    .Select(by => names.GetValueOrDefault(by.GetString()!, "?")).Distinct()])),
        ];
    }

    /// <summary>The Prometheus side of an alert that did not arrive.</summary>
    public async Task<string> StateOfAsync(string alert)
    {
        var states = await QueryAsync($"ALERTS{{alertname=\"{alert}\"}}");
        return states.Count == 0
            ? "Prometheus has it inactive"
            : "Prometheus has " + string.Join(
                "; ", states.Select(s => Words.Labels(s.Labels.Where(l => l.Key is not ("__name__" or "alertname")))));
    }

    private async Task<IReadOnlyList<Series>> AskAsync(string path, string query)
    {
        using var response = await client.GetAsync(new Uri(prometheus, path));
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        if (answer.RootElement.GetProperty("status").GetString() != "success")
            throw new DrillException($"Prometheus refuses {query}: {answer.RootElement.GetProperty("error").GetString()}");
        return
        [
            .. answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(series => new Series(
                Strings(series.GetProperty("metric")),
                series.TryGetProperty("values", out var values) ? values.EnumerateArray().Select(Sample).ToList()
                    : [Sample(series.GetProperty("value"))])),
        ];
    }

    private static (DateTimeOffset At, double Value) Sample(JsonElement pair) => (
        DateTimeOffset.UnixEpoch.AddSeconds(pair[0].GetDouble()),
        pair[1].GetString() switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            var number => double.Parse(number!, CultureInfo.InvariantCulture),
        });

    private static double Seconds(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds() / 1000.0;

    private static Dictionary<string, string> Strings(JsonElement map) =>
        map.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal);
}
