using System.Diagnostics.Metrics;
using CalendarService.Channels;
using CalendarService.Intents;
using CalendarService.Runs;
using CalendarService.Storage;
using ServiceDefaults.Metrics;

namespace CalendarService.Telemetry;

/// <summary>The metrics of contract section 7; every series that can occur is there from the start.</summary>
internal sealed class CalendarMetrics : IDisposable
{
    public const string MeterName = "CalendarService";

    private readonly Meter _meter;
    private readonly Counter<long> _runs;
    private readonly Counter<long> _intents;
    private readonly Counter<long> _authFailures;

    public CalendarMetrics(IMeterFactory meters, ZeroSeries zeros, StoreHealth health, ChannelRegistry channels)
    {
        _meter = meters.Create(MeterName);
        _runs = _meter.CreateCounter<long>("calendar_generation_runs_total", description: "Generation runs that ended, by outcome");
        _intents = _meter.CreateCounter<long>(
            "calendar_publish_intents_total", description: "Publish intents committed, by channel and status");
        _authFailures = _meter.CreateCounter<long>(
            "calendar_channel_auth_failures_total", description: "Publishes refused because a channel's auth is unusable");
        _meter.CreateObservableGauge(
            "calendar_store_up", () => health.IsUp ? 1 : 0, description: "1 when the calendar database can be read and written");

        foreach (var status in Enum.GetValues<RunStatus>().Where(status => status != RunStatus.Running))
            zeros.Declare(_runs, ("outcome", status.Label()));
        foreach (var channel in channels.Known)
        {
            foreach (var status in IntentStatus.All)
                zeros.Declare(_intents, ("channel", channel), ("status", status));
            foreach (var reason in Enum.GetValues<ChannelAuthProblem>())
                zeros.Declare(_authFailures, ("channel", channel), ("reason", Word(reason)));
        }
    }

    public static string Word(ChannelAuthProblem reason) => reason switch
    {
        ChannelAuthProblem.Missing => "missing",
        ChannelAuthProblem.Expired => "expired",
        _ => "invalid",
    };

    public void RunEnded(RunStatus status) => _runs.Add(1, new KeyValuePair<string, object?>("outcome", status.Label()));

    public void IntentCommitted(string channel, string status) => _intents.Add(
        1, new KeyValuePair<string, object?>("channel", channel), new KeyValuePair<string, object?>("status", status));

    public void ChannelAuthFailed(ChannelAuthFault fault) => _authFailures.Add(
        1, new KeyValuePair<string, object?>("channel", fault.Channel), new KeyValuePair<string, object?>("reason", Word(fault.Reason)));

    public void Dispose() => _meter.Dispose();
}
