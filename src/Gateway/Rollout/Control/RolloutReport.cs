using Gateway.Rollout.Ramps;
using Gateway.Snapshots;
using Gateway.Rollout.Statistics;

namespace Gateway.Rollout.Control;

/// <summary>Where every ramp of a folder stands: <c>GET /rollout</c>, and what <c>gateway rollout status</c> shows.</summary>
/// <param name="Revision">Of the files on disk.</param>
/// <param name="Transitions">The last ones, the newest first.</param>
internal sealed record RolloutReport(string Revision, IReadOnlyList<RampReport> Ramps, IReadOnlyList<RolloutEvent> Transitions)
{
    private const int ShownTransitions = 20;

    /// <exception cref="RolloutRefusedException">The file or the state cannot be read.</exception>
    public static RolloutReport Read(RolloutFolder folder, TimeProvider clock)
    {
        var files = folder.Config.Read();
        var rollout = RolloutFolder.Parse(files);
        var (state, now) = (folder.ReadState(), clock.GetUtcNow());
        return new(
            files.Revision,
            [.. rollout.Ramps.Values.OrderBy(plan => plan.Cohort, StringComparer.Ordinal)
                .Select(plan => RampReport.From(plan, state[plan.Cohort], rollout.Cohorts[plan.Cohort].DefaultPercentage, now))],
            [.. folder.ReadAudit().Reverse().Take(ShownTransitions)]);
    }
}

/// <param name="Percentage">In the file.</param>
/// <param name="NextStep">Null at the last one.</param>
/// <param name="Phase"><c>idle</c>, <c>running</c>, <c>paused</c>, <c>done</c> or <c>rolled-back</c>.</param>
/// <param name="BakeLeftSeconds">Of the step; 0 when it is over.</param>
/// <param name="MinutesToVerdict">At the traffic since the ramp was started; null while nobody can say.</param>
/// <param name="LogSplit">Evidence that the arms have other shares of users than they should.</param>
internal sealed record RampReport(
    string Cohort, string Phase, string Verdict, string Why, double Percentage, double? NextStep, IReadOnlyList<double> Steps,
    DateTimeOffset? StartedAt, DateTimeOffset? StepSince, double BakeSeconds, double BakeLeftSeconds, double? MinutesToVerdict,
    bool WindowOpen, DateTimeOffset? WindowOpens, ArmUserCounts Users, double LogSplit, double LogSplitThreshold,
    IReadOnlyList<GateReport> Gates)
{
    public static RampReport From(RampPlan plan, RampState state, double percentage, DateTimeOffset now)
    {
        var left = plan.Bake - state.Baked;
        var open = plan.Windows?.IsOpen(now) ?? true;
        return new(
            plan.Cohort, state.Phase.ToLabel(), state.Verdict.ToLabel(), state.Why, percentage, RampJudge.FindNextStep(plan, percentage),
            plan.Steps, state.StartedAt, state.StepSince, plan.Bake.TotalSeconds, Math.Max(0, left.TotalSeconds),
            RampForecast.MinutesToVerdict(plan, state), open, open ? null : plan.Windows!.NextOpening(now), state.Users,
            RampJudge.LogSplit(state), LogEvidence.SplitWrongAt(1),
            [.. plan.Gates.Select(gate => GateReport.From(plan, gate, state.Gates.GetValueOrDefault(gate.Name)))]);
    }
}

/// <param name="Against"><c>control</c>, or the limit as a share.</param>
/// <param name="Control">Null of a gate that has a limit.</param>
internal sealed record GateReport(
    string Name, string Measure, string Against, bool Decides, ArmReport Canary, ArmReport? Control, int FailingUsers, double LogHarm,
    double HarmThreshold, double LogSafe, double SafeThreshold)
{
    public static GateReport From(RampPlan plan, RampGate gate, GateState? state) => new(
        gate.Name, RampWords.Of(gate.Measure), gate.Limit is { } limit ? RolloutValue.ToText(limit) : "control", gate.Decides,
        ArmReport.From(state?.Canary), gate.Limit is null ? ArmReport.From(state?.Others) : null, state?.FailingUsers.Count ?? 0,
        state?.LogHarm ?? 0, LogEvidence.RegressedAt(plan.Gates.Count(one => one.Decides)), state?.LogSafe ?? 0, LogEvidence.ProvedSafeAt);
}

/// <param name="Lower">Of the failure rate, at 95 %; as <paramref name="Upper"/>.</param>
internal sealed record ArmReport(long Units, long Failures, double? Rate, double? Lower, double? Upper)
{
    public static ArmReport From(Arms.GateUnits? units)
    {
        if (units is not { Units: > 0 })
            return new(0, 0, null, null, null);
        var (lower, upper) = Wilson.Bounds(new(units.Units, units.Failures));
        return new(units.Units, units.Failures, (double)units.Failures / units.Units, lower, upper);
    }
}
