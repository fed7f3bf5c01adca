using Gateway.Rollout.Ramps;
using Gateway.Rollout.Statistics;

namespace Gateway.Rollout.Control;

/// <summary>A move as the event of the audit, and as the state behind it.</summary>
internal static class RampEvents
{
    private static readonly IReadOnlyDictionary<string, GateNumbers> Nothing = new Dictionary<string, GateNumbers>(StringComparer.Ordinal);

    /// <param name="plan">Null for a cohort without a ramp.</param>
    public static RolloutEvent Create(
        string cohort, RampPlan? plan, RampState ramp, RampMove move, string who, DateTimeOffset at, string revision)
    {
        var (id, from) = (RolloutEvent.NewId(at), ramp.Percentage ?? move.To);
        return new(
            id, at, who, move.Action, cohort, RolloutValue.ToText(from), RolloutValue.ToText(move.To), move.Phase.ToLabel(),
            move.Verdict.ToLabel(), move.Why, plan is null ? Nothing : ReadNumbers(plan, ramp), revision, revision,
            from == move.To ? null : $"gateway rollout undo {id} --reason \"…\"");
    }

    public static RampState Apply(RampState ramp, RampMove move, DateTimeOffset at)
    {
        var proved = move.Verdict == RampVerdict.ProvedSafe ? Math.Max(ramp.Proved, ramp.Percentage ?? 0) : ramp.Proved;
        var moved = ramp.Percentage == move.To ? ramp : ramp.AtStep(move.To, at);
        return moved with
        {
            Phase = move.Phase, HeldByPerson = move.Phase == RampPhase.Paused && (move.ByPerson || ramp.HeldByPerson),
            Why = move.Why, Proved = proved, Verdict = move.Verdict,
        };
    }

    public static IReadOnlyDictionary<string, GateNumbers> ReadNumbers(RampPlan plan, RampState ramp)
    {
        var harm = LogEvidence.RegressedAt(plan.Gates.Count(gate => gate.Decides));
        return ramp.Gates.ToDictionary(
            gate => gate.Key,
            gate => new GateNumbers(
                gate.Value.Canary.Units, gate.Value.Canary.Failures, gate.Value.Others.Units, gate.Value.Others.Failures,
                gate.Value.LogHarm, harm, gate.Value.LogSafe, LogEvidence.ProvedSafeAt),
            StringComparer.Ordinal);
    }
}
