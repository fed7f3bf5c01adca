using System.Collections.Concurrent;

namespace Drill;

/// <summary>
/// Where faults are caused and mended, and where their alerts are waited for. What does not happen in time is written down,
/// and the drill goes on: one broken rule must not hide another.
/// </summary>
internal sealed class Stage(
    Installation installation, Transcript transcript, TimeSpan patience, TimeProvider clock, CancellationToken cancel)
{
    private readonly ConcurrentQueue<AlertCase> _cases = [];
    private readonly ConcurrentQueue<string> _failures = [];
    private readonly List<string> _muted = [];
    private readonly HashSet<string> _anchors = [.. File.ReadLines(Path.Combine(Checkout.Root, "docs", "alerts.md"))
        .Where(line => line.StartsWith("## ", StringComparison.Ordinal))
        .Select(line => line[3..].Trim().Replace(' ', '-').ToLowerInvariant())];

    public IReadOnlySet<string> Dashboards { get; init; } = new HashSet<string>();

    public IReadOnlyList<AlertCase> Cases => [.. _cases];

    public IReadOnlyList<string> Failures => [.. _failures];

    /// <summary>Alerts that were seen to fire and to be kept quiet, each with who kept it so.</summary>
    public IReadOnlyList<string> Muted => _muted;

    /// <summary>Tells of each message when it comes, whatever the story waits for just then.</summary>
    public async Task ListenAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            foreach (var alert in _cases)
            {
                if (!alert.ArrivalTold && alert.LookForArrival(installation.Deliveries))
                    await TellArrivalAsync(alert);
                if (alert is { ArrivalTold: true, MendedAt: not null, EndTold: false } && alert.LookForEnd(installation.Deliveries))
                {
                    await transcript.EndedAsync(alert);
                    alert.EndTold = true;
                }
            }

            await Task.WhenAny(Task.Delay(TimeSpan.FromMilliseconds(100), clock, end));
        }
    }

    public async Task FailAsync(string what)
    {
        _failures.Enqueue(what);
        await transcript.SayAsync("FAILED", what);
    }

    public async Task CauseAsync(string what, Func<Task> fault, params ExpectedAlert[] alerts)
    {
        var at = clock.GetUtcNow();
        await transcript.SayAsync(at, "fault", what);
        foreach (var alert in alerts)
            _cases.Enqueue(new(alert, what, at));
        await fault();
    }

    /// <summary>Waits for every alert that is due: of these, though its cause be mended by now; or of all whose cause is not.</summary>
    public async Task ArrivalsAsync(params string[] alerts)
    {
        var due = _cases.Where(
            c => c is { ArrivalTold: false, GivenUp: false } && c.IsOneOf(alerts) && (alerts.Length > 0 || c.MendedAt is null)).ToList();
        await UntilAsync(() => Task.FromResult(due.All(c => c.ArrivalTold)));
        foreach (var missing in due.Where(c => !c.ArrivalTold))
        {
            missing.GivenUp = true;
            await FailAsync(
                $"{missing.Expected} did not arrive at {missing.Expected.Receiver} within {patience.TotalSeconds} s of \"{missing.Fault}\": "
                + await installation.Monitoring.StateOfAsync(missing.Expected.Name) + HeardInstead(missing));
        }
    }

    /// <param name="alerts">What has to end now; what is caused later under the same name stays.</param>
    public async Task MendAsync(string what, Func<Task> mend, params string[] alerts)
    {
        var at = clock.GetUtcNow();
        await transcript.SayAsync(at, "mended", what);
        foreach (var mended in _cases.Where(c => c.MendedAt is null && c.IsOneOf(alerts)))
            mended.MendedAt = at;
        await mend();
    }

    /// <summary>Waits until nobody is told any more of what was mended; of these alerts, or of all.</summary>
    public async Task EndsAsync(params string[] alerts)
    {
        var due = _cases.Where(c => c is { ArrivalTold: true, MendedAt: not null, EndTold: false, GivenUp: false } && c.IsOneOf(alerts))
            .ToList();
        await UntilAsync(() => Task.FromResult(due.All(c => c.EndTold)));
        foreach (var missing in due.Where(c => !c.EndTold))
        {
            missing.GivenUp = true;
            await FailAsync(
                $"{missing.Expected} did not resolve at {missing.Expected.Receiver} within {patience.TotalSeconds} s after it was mended: "
                + await installation.Monitoring.StateOfAsync(missing.Expected.Name));
        }
    }

    /// <summary>Waits until the alert fires and Alertmanager keeps quiet about it because of another one.</summary>
    public async Task MutedAsync(ExpectedAlert alert, string by)
    {
        if (await UntilAsync(
            async () => (await installation.Monitoring.HeldAsync()).Any(held => alert.Matches(held.Labels) && held.MutedBy.Contains(by))))
        {
            _muted.Add($"{alert} by {by}");
            await transcript.SayAsync("muted", $"{alert} fires, and {by} keeps it quiet");
        }
        else
        {
            await FailAsync($"{alert} was not kept quiet by {by}: " + await installation.Monitoring.StateOfAsync(alert.Name));
        }
    }

    /// <summary>Waits until a query has an answer, or until it has none.</summary>
    public async Task QueryAsync(string what, string query, bool holds)
    {
        if (!await UntilAsync(async () => (await installation.Monitoring.QueryAsync(query)).Count > 0 == holds))
        {
            var answer = await installation.Monitoring.QueryAsync(query);
            await FailAsync(
                $"{what}: never, {query} has {string.Join("; ", answer.Select(s => Words.Labels(s.Labels)).DefaultIfEmpty("no answer"))}");
        }
    }

    /// <returns>Whether it became true before patience ended.</returns>
    public async Task<bool> UntilAsync(Func<Task<bool>> condition)
    {
        var started = clock.GetTimestamp();
        while (!await condition())
        {
            if (clock.GetElapsedTime(started) > patience)
                return false;
            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancel);
        }

        return true;
    }

    private async Task TellArrivalAsync(AlertCase alert)
    {
        await alert.ReadHistoryAsync(installation.Monitoring, clock.GetUtcNow());
        await transcript.ArrivedAsync(alert);
        foreach (var fault in alert.Faults(_anchors, Dashboards))
            await FailAsync($"{alert.Expected} arrived, but {fault}");
        alert.ArrivalTold = true;
    }

    private string HeardInstead(AlertCase missing)
    {
        var heard = installation.Deliveries.Where(
            d => d.At >= missing.FaultAt && d.Labels.GetValueOrDefault("alertname") == missing.Expected.Name)
            .Select(d => $"{(d.Resolved ? "resolved " : "")}{Words.Labels(d.Labels)} at {d.Receiver}").Distinct().ToList();
        return heard.Count == 0 ? "; no message named it" : "; heard instead: " + string.Join("; ", heard);
    }
}
