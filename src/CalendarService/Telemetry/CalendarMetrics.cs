using Prometheus;

namespace CalendarService.Telemetry;

/// <summary>
/// What features count (docs/contract.md section 7). It is told in words and knows none of them; what is true now of the database and of
/// the spool they show themselves.
/// </summary>
internal sealed class CalendarMetrics(IMetricFactory metrics)
{
    private readonly Counter _runs = metrics.CreateCounter(
        "calendar_generation_runs_total", "Generation runs that ended, by outcome", ["outcome"]);

    private readonly Counter _intents = metrics.CreateCounter(
        "calendar_publish_intents_total", "Publish intents committed, by channel and status", ["channel", "status"]);

    private readonly Counter _authFailures = metrics.CreateCounter(
        "calendar_channel_auth_failures_total", "Publishes refused because a channel's auth is unusable", ["channel", "reason"]);

    public void RunEnded(string outcome) => _runs.WithLabels(outcome).Inc();

    public void IntentCommitted(string channel, string status) => _intents.WithLabels(channel, status).Inc();

    public void ChannelAuthFailed(string channel, string reason) => _authFailures.WithLabels(channel, reason).Inc();

    /// <summary>
    /// Each of these puts a series on the page as 0: a ratio over a missing series is silence, and an alert on silence never fires.
    /// </summary>
    public void DeclareRuns(string outcome) => _runs.WithLabels(outcome);

    public void DeclareIntents(string channel, string status) => _intents.WithLabels(channel, status);

    public void DeclareAuthFailures(string channel, string reason) => _authFailures.WithLabels(channel, reason);
}
