using Gateway.Rollout.Arms;
using Gateway.Rollout.Files;
using Gateway.Rollout.Ramps;
using Gateway.Snapshots;

namespace Gateway.Rollout.Control;

/// <summary>
/// Moves ramps: every tick it reads the evidence, judges it and carries out what follows. One at a time on a folder; a second one waits.
/// </summary>
internal sealed partial class RolloutController(
    RolloutFolder folder, EvidenceSources sources, Transitions transitions, RolloutNotices notices, RolloutOptions options,
    TimeProvider clock, ILogger<RolloutController> logger) : BackgroundService
{
    /// <summary>A wall clock that went on by so much more or less than time did has jumped.</summary>
    private static readonly TimeSpan LargestDrift = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan HoldAfterJump = TimeSpan.FromMinutes(10);

    private long _lookedAt = clock.GetTimestamp();
    private DateTimeOffset _lookedAtWall = clock.GetUtcNow();
    private string? _complaint;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Controller)
            return;
        using var held = await BecomeControllerAsync(stoppingToken);
        LogBegan(folder.Config.Path);
        (_lookedAt, _lookedAtWall) = (clock.GetTimestamp(), clock.GetUtcNow());
        using var timer = new PeriodicTimer(options.Tick, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (held.IsOurs())
                await TryLookAsync(stoppingToken);
            else
                Complain("its lock file was taken away: no ramp moves until this program is started anew");
        }
    }

    private async Task<FolderLock> BecomeControllerAsync(CancellationToken cancel)
    {
        while (true)
        {
            var attempt = folder.TryBecomeController();
            if (attempt.Lock is { } held)
                return held;
            Complain(attempt.IsHeld
                ? $"another controller moves the ramps of this folder: {attempt.Detail}"
                : $"{folder.Config.Path} takes no files, so no ramp can move: {attempt.Detail}");
            await Task.Delay(options.Tick, clock, cancel);
        }
    }

    private async Task TryLookAsync(CancellationToken cancel)
    {
        try
        {
            await LookAsync(cancel);
            _complaint = null;
        }
        catch (RolloutRefusedException refused)
        {
            Complain(refused.Message);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Complain(error.ToString());
        }
    }

    /// <summary>Once: reads, judges, moves. The tests call it instead of waiting.</summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        var (elapsed, drift) = MeasureTime();
        if (RolloutFolder.Parse(folder.Config.Read()).Ramps.Count == 0)
            return; // Then nothing is asked, and nothing kept.
        var pages = await sources.ReadAsync(cancel);
        using var locked = await folder.LockAsync(cancel);
        var state = transitions.Recover(folder.ReadState(), folder.Config.Read());
        var files = folder.Config.Read();
        var rollout = RolloutFolder.Parse(files);
        foreach (var plan in rollout.Ramps.Values)
        {
            var before = state;
            var ramp = Watch(plan, state[plan.Cohort], pages, elapsed, drift);
            var sight = ToSight(plan, ramp, pages, rollout);
            ramp = ramp with
            {
                Percentage = ramp.Percentage ?? sight.FilePercentage, Verdict = RampJudge.Judge(plan, ramp),
                FlagsOn = FollowFlags(ramp, FindFlagsOn(plan, pages, rollout)),
            };
            if (RampJudge.Decide(plan, ramp, sight) is { } move)
            {
                state = Move(plan, files, before, state.With(plan.Cohort, ramp), move);
                files = folder.Config.Read();
            }
            else
            {
                state = state.With(plan.Cohort, Settle(plan, ramp, sight));
            }
        }

        folder.WriteState(state);
    }

    private (TimeSpan Elapsed, TimeSpan Drift) MeasureTime()
    {
        var (timestamp, wall) = (clock.GetTimestamp(), clock.GetUtcNow());
        var elapsed = clock.GetElapsedTime(_lookedAt, timestamp);
        var drift = (wall - _lookedAtWall - elapsed).Duration();
        (_lookedAt, _lookedAtWall) = (timestamp, wall);
        return (elapsed < 2 * options.Tick ? elapsed : 2 * options.Tick, drift);
    }

    private RampState Watch(
        RampPlan plan, RampState ramp, IReadOnlyDictionary<string, EvidencePage?> pages, TimeSpan elapsed, TimeSpan drift)
    {
        if (drift > LargestDrift && ramp.Phase == RampPhase.Running)
            LogClockJumped(plan.Cohort, drift.TotalSeconds);
        var watched = RampEvidence.Add(plan, ramp, pages.ToDictionary(
            page => page.Key, page => page.Value?.Cohorts.GetValueOrDefault(plan.Cohort), StringComparer.Ordinal));
        var counted = ramp.Phase == RampPhase.Running && pages.Values.All(page => page is not null) ? elapsed : TimeSpan.Zero;
        return watched with
        {
            Baked = ramp.Baked + counted, Watched = ramp.Watched + counted,
            Held = drift > LargestDrift ? HoldAfterJump : ramp.Held > elapsed ? ramp.Held - elapsed : TimeSpan.Zero,
        };
    }

    private RampSight ToSight(
        RampPlan plan, RampState ramp, IReadOnlyDictionary<string, EvidencePage?> pages, RolloutFile rollout)
    {
        var percentage = rollout.Cohorts[plan.Cohort].DefaultPercentage;
        return new(clock.GetUtcNow(), percentage, FindOffFlag(ramp, FindFlagsOn(plan, pages, rollout)), FindLagging());

        string? FindLagging()
        {
            foreach (var (address, page) in pages)
            {
                if (page is null)
                    return $"{address} cannot be asked for its evidence";
                if (page.Cohorts.GetValueOrDefault(plan.Cohort)?.Percentage != percentage)
                    return $"{address} has not this percentage in force yet";
            }

            return null;
        }
    }

    /// <summary>On in the file, and on every gateway that answers: the environment's key is theirs.</summary>
    private static IReadOnlyList<string> FindFlagsOn(
        RampPlan plan, IReadOnlyDictionary<string, EvidencePage?> pages, RolloutFile rollout) =>
    [
        .. rollout.Flags.Values
            .Where(flag => flag.Switch.FileEnabled is true && flag.SoleCohort?.Name == plan.Cohort).Select(flag => flag.Name)
            .Where(flag => pages.Values.OfType<EvidencePage>()
                .All(page => page.Cohorts.GetValueOrDefault(plan.Cohort)?.FlagsOn.Contains(flag) is not false))
            .Order(StringComparer.Ordinal),
    ];

    private static string? FindOffFlag(RampState ramp, IReadOnlyList<string> on) =>
        ramp.FlagsOn.Except(on, StringComparer.Ordinal).FirstOrDefault() ?? (on.Count == 0 ? "the flag of this cohort" : null);

    /// <summary>While a ramp runs, a flag that was on is missed when it is not any more.</summary>
    private static IReadOnlyList<string> FollowFlags(RampState ramp, IReadOnlyList<string> on) =>
        ramp.Phase == RampPhase.Running ? [.. ramp.FlagsOn.Union(on, StringComparer.Ordinal)] : on;

    /// <summary>What is said of a ramp that stays where it is.</summary>
    private static RampState Settle(RampPlan plan, RampState ramp, RampSight sight) => ramp.Phase != RampPhase.Running ? ramp : ramp with
    {
        Why = ramp.Verdict switch
        {
            RampVerdict.ProvedSafe when RampJudge.FindObstacle(plan, ramp, sight) is { } obstacle => $"proved safe; {obstacle}",
            _ when sight.Lagging is { } lagging => lagging,
            RampVerdict.Inconclusive => "neither proved safe nor worse; it goes on collecting",
            _ => "it collects evidence",
        },
    };

    private RolloutState Move(RampPlan plan, ConfigFiles files, RolloutState before, RolloutState state, RampMove move)
    {
        var at = clock.GetUtcNow();
        var ramp = state[plan.Cohort];
        var transition = RampEvents.Create(plan.Cohort, plan, ramp, move, RolloutEvent.Controller, at, files.Revision);
        try
        {
            var (after, done) = transitions.Carry(files, before, state.With(plan.Cohort, RampEvents.Apply(ramp, move, at)), transition);
            LogMoved(plan.Cohort, done.Action, done.From, done.To, move.Verdict.ToLabel(), done.Why);
            notices.Send(plan, done);
            return after;
        }
        catch (RolloutRefusedException refused)
        {
            // The others go on, and this one is tried again with the next tick.
            Complain($"{plan.Cohort} could not {move.Action} to {transition.To}: {refused.Message}");
            return state.With(plan.Cohort, ramp with { Why = refused.Message });
        }
    }

    /// <summary>Once for the same words: it is asked again every tick.</summary>
    private void Complain(string complaint)
    {
        if (_complaint != complaint)
            LogCannot(complaint);
        _complaint = complaint;
    }

    [LoggerMessage(LogLevel.Information, "Rollout controller of {Folder}: it moves the ramps of this folder")]
    private partial void LogBegan(string folder);

    [LoggerMessage(LogLevel.Warning, "Rollout of {Cohort}: {Action} {From} → {To} ({Verdict}): {Why}")]
    private partial void LogMoved(string cohort, string action, string from, string to, string verdict, string why);

    [LoggerMessage(LogLevel.Warning, "Rollout of {Cohort}: the clock has jumped by {Seconds} s, nothing moves upward for ten minutes")]
    private partial void LogClockJumped(string cohort, double seconds);

    [LoggerMessage(LogLevel.Error, "Rollout controller: {Complaint}")]
    private partial void LogCannot(string complaint);
}
