using System.Globalization;
using Gateway.Rollout.Ramps;
using Gateway.Rollout.Statistics;

namespace Gateway.Rollout.Control;

/// <summary>What the judge sees beside the evidence.</summary>
/// <param name="Now">By the wall clock, for windows only.</param>
/// <param name="FilePercentage">As it stands in the file.</param>
/// <param name="OffFlag">A flag of the cohort that is switched off; null while all are on.</param>
/// <param name="Lagging">A gateway that cannot be asked or has another percentage in force, and which; null when there is none.</param>
internal sealed record RampSight(DateTimeOffset Now, double FilePercentage, string? OffFlag, string? Lagging);

/// <summary>What is to happen to a ramp.</summary>
/// <param name="Action">As <see cref="RolloutEvent.Action"/>.</param>
/// <param name="To">The percentage behind it.</param>
internal sealed record RampMove(string Action, double To, RampPhase Phase, RampVerdict Verdict, string Why)
{
    /// <summary>A person decided it, here or in the file.</summary>
    public bool ByPerson { get; init; }
}

/// <summary>
/// Says what follows from the evidence: a pure function, so that it can be tried with any history. Upward only on proof; back at once.
/// </summary>
internal static class RampJudge
{
    public static RampVerdict Judge(RampPlan plan, RampState state)
    {
        var deciding = plan.Gates.Where(gate => gate.Decides).Select(gate => (Gate: gate, State: state.Gates[gate.Name])).ToArray();
        if (FindWorst(plan, state) is not null)
            return RampVerdict.Regressed;
        if (LogSplit(state) >= LogEvidence.SplitWrongAt(1))
            return RampVerdict.SplitWrong;
        var enough = state.Users.Canary >= RampThresholds.FewestUsers
            && (state.Users.Control >= RampThresholds.FewestUsers || state.Percentage >= 100
                || deciding.All(one => one.Gate.Limit is not null))
            && deciding.All(one => HasEnough(one.Gate, one.State));
        if (!enough || state.Baked < plan.Bake)
            return RampVerdict.Collecting;
        if (deciding.All(one => one.State.LogSafe >= LogEvidence.ProvedSafeAt))
            return RampVerdict.ProvedSafe;
        return state.Baked >= 2 * plan.Bake ? RampVerdict.Inconclusive : RampVerdict.Collecting;
    }

    /// <returns>Null when everything stays.</returns>
    public static RampMove? Decide(RampPlan plan, RampState state, RampSight sight)
    {
        if (state.Percentage is { } known && known != sight.FilePercentage)
            return NoticeEdit(state, known, sight.FilePercentage);
        if (state is { Phase: RampPhase.Paused, HeldByPerson: false, Verdict: RampVerdict.Regressed }
            && plan.OnRegression == OnRegression.Rollback)
            return RollBack(plan, state); // It waits for a person, but its users need not.
        if (state.Phase != RampPhase.Running)
            return null;
        if (sight.OffFlag is { } flag)
            return Pause(state, $"{flag} is off: nobody is in the canary");
        return state.Verdict switch
        {
            RampVerdict.Regressed =>
                plan.OnRegression == OnRegression.Pause ? Pause(state, DescribeHarm(plan, state)) : RollBack(plan, state),
            RampVerdict.SplitWrong => Pause(
                state, $"{Percent(state.Percentage!.Value)} of the users is not what the canary has: a program, a cached page, a lost id?"),
            RampVerdict.ProvedSafe => GoOn(plan, state, sight),
            RampVerdict.Inconclusive => plan.OnInconclusive == OnInconclusive.Continue ? null : Pause(
                state, "twice the bake is over, and the canary is neither proved safe nor worse"),
            RampVerdict.Collecting => null,
            _ => throw new ArgumentOutOfRangeException(nameof(state), state.Verdict, null),
        };
    }

    /// <returns>Why a ramp that is proved safe stays where it is; null when it may go on.</returns>
    public static string? FindObstacle(RampPlan plan, RampState state, RampSight sight)
    {
        if (sight.Lagging is { } gateway)
            return gateway;
        if (state.Held > TimeSpan.Zero)
            return string.Create(CultureInfo.InvariantCulture, $"the clock has jumped: no step for {state.Held.TotalMinutes:0.#} minutes");
        return plan.Windows is { } windows && !windows.IsOpen(sight.Now)
            ? "the window is closed" + (windows.NextOpening(sight.Now) is { } opens
                ? string.Create(CultureInfo.InvariantCulture, $" until {opens.UtcDateTime:yyyy-MM-dd HH:mm'Z'}") : "")
            : null;
    }

    public static double? FindNextStep(RampPlan plan, double percentage) =>
        plan.Steps.Where(step => step > percentage).Select(step => (double?)step).FirstOrDefault();

    public static double LogSplit(RampState state)
    {
        double[] logs = [.. state.Sources.Values.Select(source => source.Split).OfType<SplitEvidence>().Select(split => split.LogWrong)];
        // The mean of several e-values is one, however they hang together.
        return logs.Length == 0 ? 0 : Math.Log(logs.Average(LogEvidence.Value));
    }

    private static RampMove NoticeEdit(RampState state, double known, double now) => new(
        "hand-edit", now, state.Phase == RampPhase.Running ? RampPhase.Paused : state.Phase, state.Verdict,
        $"somebody changed {Percent(known)} to {Percent(now)} in the file"
        + (state.Phase == RampPhase.Running ? "; the ramp is paused" : "")) { ByPerson = true };

    private static RampMove? GoOn(RampPlan plan, RampState state, RampSight sight)
    {
        var proved = state.Percentage!.Value;
        if (FindNextStep(plan, proved) is not { } next)
            return new("done", proved, RampPhase.Done, RampVerdict.ProvedSafe, $"{Percent(proved)}, the last step, is proved safe");
        return FindObstacle(plan, state, sight) is not null ? null
            : new("step", next, RampPhase.Running, RampVerdict.ProvedSafe, $"{Percent(proved)} is proved safe");
    }

    private static RampMove RollBack(RampPlan plan, RampState state)
    {
        var to = plan.RollbackTo == RollbackTo.Proved && state.Proved < state.Percentage ? state.Proved : 0;
        return new("rollback", to, RampPhase.RolledBack, RampVerdict.Regressed, DescribeHarm(plan, state));
    }

    private static RampMove Pause(RampState state, string why) =>
        new("pause", state.Percentage!.Value, RampPhase.Paused, state.Verdict, why);

    private static string DescribeHarm(RampPlan plan, RampState state)
    {
        var gate = FindWorst(plan, state)!;
        var numbers = state.Gates[gate.Name];
        var against = gate.Limit is { } limit
            ? string.Create(CultureInfo.InvariantCulture, $"the limit is {limit * 100:0.##} %")
            : string.Create(CultureInfo.InvariantCulture, $"the control {numbers.Others.Failures} of {numbers.Others.Units}");
        return string.Create(CultureInfo.InvariantCulture,
            $"{gate.Name}: the canary failed {numbers.Canary.Failures} of {numbers.Canary.Units} times a user and tick, {against}");
    }

    private static RampGate? FindWorst(RampPlan plan, RampState state)
    {
        var threshold = LogEvidence.RegressedAt(plan.Gates.Count(gate => gate.Decides));
        return plan.Gates.Where(gate => gate.Decides && state.Gates[gate.Name] is var known && known.LogHarm >= threshold
            && known.FailingUsers.Count >= RampThresholds.FewestFailingUsers).MaxBy(gate => state.Gates[gate.Name].LogHarm);
    }

    private static bool HasEnough(RampGate gate, GateState state) => state.Canary.Units >= RampThresholds.FewestUnits
        && (gate.Limit is not null || state.Others.Units >= RampThresholds.FewestUnits);

    private static string Percent(double percentage) => string.Create(CultureInfo.InvariantCulture, $"{percentage:0.####} %");
}
