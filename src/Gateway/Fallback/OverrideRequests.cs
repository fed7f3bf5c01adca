using Gateway.Exchanges;
using Gateway.Rollout.Overrides;
using Gateway.Snapshots;
using Gateway.Telemetry;

namespace Gateway.Fallback;

/// <summary>
/// Requests that came with an override: each is judged and counted, and of those that are not honoured some are told in the log. Anybody
/// can send one, so each kind gets one line in <see cref="Quiet"/>, and what a header says is in none.
/// </summary>
internal sealed partial class OverrideRequests(
    OverrideJudge judge, GatewayMetrics metrics, TimeProvider clock, ILogger<OverrideRequests> logger)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly (long? ToldAt, long Since)[] _told = new (long?, long)[OverrideOutcomes.All.Count];

    /// <returns>The side that is asked for and to be given; null when the cohort decides.</returns>
    public bool? Read(OverrideHeader header, GatewaySnapshot snapshot, RoutePolicy route, Caller caller)
    {
        var verdict = judge.Judge(header, caller, route, route.Flag is null ? null : snapshot.Flags.GetValueOrDefault(route.Flag));
        metrics.OverrideAsked(verdict.Outcome);
        if (verdict.Outcome != OverrideOutcome.Accepted && TryTell(verdict.Outcome) is { } more)
        {
            // A browser that sends it with everything it asks for is no reason to worry.
            var level = verdict.Outcome == OverrideOutcome.OtherFlag ? LogLevel.Information : LogLevel.Warning;
            LogIgnored(level, verdict.Outcome.ToLabel(), more);
        }

        return verdict.Decides;
    }

    /// <returns>How many were not told since the last one that was; null when this one is not either.</returns>
    private long? TryTell(OverrideOutcome outcome)
    {
        lock (_lock)
        {
            ref var told = ref _told[(int)outcome];
            if (told.ToldAt is { } at && clock.GetElapsedTime(at) < Quiet)
            {
                told.Since++;
                return null;
            }

            var since = told.Since;
            told = (clock.GetTimestamp(), 0);
            return since;
        }
    }

    [LoggerMessage("A rollout override is ignored: {Outcome} ({More} more like it since the last line)")]
    private partial void LogIgnored(LogLevel level, string outcome, long more);
}
