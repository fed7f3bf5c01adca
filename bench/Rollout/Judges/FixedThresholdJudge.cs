using Gateway.Rollout.Statistics;
using RolloutBench.Streams;

namespace RolloutBench.Judges;

/// <summary>
/// As Flagger decides (fluxcd/flagger 15bd6ad, pkg/controller/scheduler.go, advanceCanary): once an interval, first "has the number of
/// failed checks reached the threshold? then back"; else the check, over the last interval and the canary alone. A check that fails is
/// counted and holds the step; one that passes takes the next step and takes nothing back from the count.
/// </summary>
/// <param name="rate">Of failures, above which a check fails.</param>
/// <param name="failedChecks">Flagger's <c>threshold</c>.</param>
/// <param name="inARow">Not as Flagger does: a check that passes starts the count anew.</param>
internal sealed class FixedThresholdJudge(double rate, int failedChecks, bool inARow = false) : Judge
{
    private const int Checks = Steps * StepTicks / Scenario.TicksAMinute;

    private ArmTick _interval;
    private int _failed;
    private int _passed;

    protected override Outcome Decide(Seen seen)
    {
        _interval += seen.Tick.Canary;
        if (Ticks % Scenario.TicksAMinute != 0)
            return Outcome.Undecided;
        if (_failed >= failedChecks)
            return Outcome.RolledBack;
        if (_interval.Failures > rate * _interval.Units)
            _failed++;
        else
            (_passed, _failed) = (_passed + 1, inARow ? 0 : _failed);
        _interval = default;
        return _passed == Checks ? Outcome.Promoted : Outcome.Undecided;
    }
}
