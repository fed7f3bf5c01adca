using Gateway.Rollout.Statistics;

namespace RolloutBench.Judges;

/// <summary>A test of two proportions at 1 %, one-sided, on all that was seen, made anew at each tick from 200 units an arm on.</summary>
internal sealed class RepeatedTestJudge : Judge
{
    private const int FewestUnits = 200;

    private GateTick _total;

    protected override Outcome Decide(Seen seen)
    {
        _total += seen.Tick;
        if (_total.Canary.Units >= FewestUnits && FailingUsers.AreMore(_total)) // The same test, of units in place of users.
            return Outcome.RolledBack;
        return Ticks == Steps * StepTicks ? Outcome.Promoted : Outcome.Undecided;
    }
}
