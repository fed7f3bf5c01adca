using System.Globalization;

namespace Drill;

/// <summary>What became of one expected alert.</summary>
internal sealed class AlertCase(ExpectedAlert expected, string fault, DateTimeOffset faultAt)
{
    // What Prometheus leaves of a template that it cannot fill in.
    private static readonly string[] Unfilled = ["<no value>", "<error", "{{", "NaN"];

    private static readonly TimeSpan LongestScrape = TimeSpan.FromSeconds(1);

    public ExpectedAlert Expected => expected;

    public string Fault => fault;

    public DateTimeOffset FaultAt => faultAt;

    public DateTimeOffset? BadSampleAt { get; private set; }

    public DateTimeOffset? PendingAt { get; private set; }

    public DateTimeOffset? FiringAt { get; private set; }

    public Delivery? Arrival { get; private set; }

    public DateTimeOffset? MendedAt { get; set; }

    public Delivery? End { get; private set; }

    /// <summary>Its arrival and all that there is to say about it have been told.</summary>
    public bool ArrivalTold { get; set; }

    public bool EndTold { get; set; }

    /// <summary>It did not come, or did not end, and was waited for long enough.</summary>
    public bool GivenUp { get; set; }

    public double? SecondsToArrival => (Arrival?.At - FaultAt)?.TotalSeconds;

    public double? SecondsToEnd => (End?.At - MendedAt)?.TotalSeconds;

    /// <param name="alerts">Each a name, or a name with more words that tell it from its namesakes: a severity, a label's value. None means
    /// all.</param>
    public bool IsOneOf(string[] alerts) => alerts.Length == 0
        || alerts.Any(alert => alert.Split(' ')
            .All(word => Expected.Name == word || Expected.Severity == word || Expected.Labels.Values.Contains(word)));

    public bool LookForArrival(IEnumerable<Delivery> deliveries) =>
        (Arrival = deliveries.FirstOrDefault(
            d => !d.Resolved && d.At >= FaultAt && d.Receiver == Expected.Receiver && Expected.Matches(d.Labels))) is not null;

    public bool LookForEnd(IEnumerable<Delivery> deliveries) =>
        (End = deliveries.FirstOrDefault(
            d => d.Resolved && d.At >= MendedAt && d.Receiver == Expected.Receiver && Expected.Matches(d.Labels))) is not null;

    /// <summary>What Prometheus remembers of the alert's way.</summary>
    public async Task ReadHistoryAsync(MonitoringApi monitoring, DateTimeOffset now)
    {
        // A little more than since the fault: the first change needs a sample before it.
        var window = string.Create(CultureInfo.InvariantCulture, $"[{(now - FaultAt).TotalSeconds + 5:0}s]");
        var samples = await monitoring.QueryAsync(Expected.Evidence + window);
        BadSampleAt = samples.Select(FirstChange).Where(at => at is not null).Min();
        var states = await monitoring.QueryAsync($"{Expected.Selector}{window}");
        PendingAt = FirstOf(states, "pending");
        FiringAt = FirstOf(states, "firing");
    }

    /// <summary>What is wrong with the alert that arrived.</summary>
    public IEnumerable<string> Faults(IReadOnlySet<string> anchors, IReadOnlySet<string> dashboards)
    {
        var annotations = Arrival!.Annotations;
        foreach (var name in (string[])["summary", "description", "runbook_url", "dashboard_url"])
        {
            var text = annotations.GetValueOrDefault(name, "");
            if (text.Length == 0)
                yield return $"has no {name}";
            if (Unfilled.Any(mark => text.Contains(mark, StringComparison.Ordinal)))
                yield return $"its {name} is not filled in: {text}";
        }

        if (!annotations.GetValueOrDefault("description", "").Any(char.IsDigit))
            yield return "its description names no number";
        // A label that a template misspells is filled in with nothing at all.
        var said = annotations.GetValueOrDefault("summary", "") + ". " + annotations.GetValueOrDefault("description", "");
        if (Expected.Labels.Where(l => l.Key != "job" && !said.Contains(l.Value, StringComparison.Ordinal)).Select(l => l.Key)
            .ToList() is { Count: > 0 } unsaid)
            yield return $"neither its summary nor its description names its {string.Join(", ", unsaid)}";
        if (said.Contains("  ", StringComparison.Ordinal))
            yield return $"its summary or description has a gap: {said}";
        var runbook = annotations.GetValueOrDefault("runbook_url", "");
        if (!runbook.EndsWith($"docs/alerts.md#{Expected.Name.ToLowerInvariant()}", StringComparison.Ordinal)
            || !anchors.Contains(Expected.Name.ToLowerInvariant()))
            yield return $"its runbook_url is {runbook}, which is no section of docs/alerts.md about it";
        var dashboard = annotations.GetValueOrDefault("dashboard_url", "");
        if (!dashboards.Contains(dashboard[(dashboard.LastIndexOf('/') + 1)..]))
            yield return $"its dashboard_url is {dashboard}, which is no dashboard of ours";
    }

    private DateTimeOffset? FirstChange(Series series)
    {
        // A sample bears the time when its scrape began: one that was under way when the fault came may show it already.
        var surelyBefore = FaultAt - LongestScrape;
        var before = series.Samples.LastOrDefault(s => s.At <= surelyBefore);
        foreach (var sample in series.Samples.Where(s => s.At > surelyBefore))
        {
            if (before == default ? sample.At > FaultAt : !sample.Value.Equals(before.Value))
                return sample.At > FaultAt ? sample.At : FaultAt;
        }

        return null;
    }

    private DateTimeOffset? FirstOf(IReadOnlyList<Series> states, string state)
    {
        var moments = states.Where(s => s.Labels["alertstate"] == state).SelectMany(s => s.Samples).Select(s => s.At)
            .Where(at => at > FaultAt).ToList();
        return moments.Count == 0 ? null : moments.Min();
    }
}
