using Gateway.Rollout.Ramps;

namespace Gateway.Rollout.Control;

/// <summary>What a person's word does to a ramp, where it stands.</summary>
internal static class RampWishes
{
    /// <exception cref="RolloutRefusedException">It makes no sense there.</exception>
    public static RampMove Decide(RampPlan plan, RampState ramp, string verb, string? reason)
    {
        var (at, why) = (ramp.Percentage!.Value, reason ?? "");
        return (verb, ramp.Phase) switch
        {
            ("start", RampPhase.Running or RampPhase.Paused) => throw Illegal(plan, ramp, verb, "resume goes on, abort ends it"),
            ("start", _) => Start(plan, at, why),
            ("pause", RampPhase.Running) => new("pause", at, RampPhase.Paused, ramp.Verdict, why.Length == 0 ? "a person paused it" : why),
            ("resume", RampPhase.Paused) => new("resume", at, RampPhase.Running, ramp.Verdict, why),
            ("skip", RampPhase.Running or RampPhase.Paused) => new(
                "skip", RampJudge.FindNextStep(plan, at) ?? throw Illegal(plan, ramp, verb, "there is no step above"), ramp.Phase,
                ramp.Verdict, why),
            ("abort", RampPhase.Running or RampPhase.Paused or RampPhase.Done) => new("abort", 0, RampPhase.Idle, ramp.Verdict, why),
            ("pause" or "resume" or "skip" or "abort", _) => throw Illegal(plan, ramp, verb, "start begins it"),
            _ => throw new RolloutRefusedException(RolloutRefusal.Illegal, $"There is no {verb}."),
        };
    }

    /// <summary>From where people have brought it by hand, or to the first step.</summary>
    private static RampMove Start(RampPlan plan, double at, string why) =>
        new("start", at > 0 ? at : plan.Steps[0], RampPhase.Running, RampVerdict.Collecting, why);

    private static RolloutRefusedException Illegal(RampPlan plan, RampState ramp, string verb, string instead) => new(
        RolloutRefusal.Illegal, $"The ramp of {plan.Cohort} is {ramp.Phase.ToLabel()}: it cannot {verb}; {instead}.");
}
