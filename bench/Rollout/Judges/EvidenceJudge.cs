using Gateway.Rollout.Statistics;

namespace RolloutBench.Judges;

/// <param name="ComparesUsers">Back only if also more of the canary's users failed than of control's.</param>
/// <param name="Restarts">Each step has evidence of its own beside that of the whole ramp; half of the level is for the steps.</param>
internal sealed record EvidenceRules(bool ComparesUsers = false, bool Restarts = false);

/// <summary>The gateway's rules with one deciding gate against control, margin one point: back at once when the canary is proved worse with
/// three users, up when it is proved safe and the step has baked, a pause when it has baked twice.</summary>
internal sealed class EvidenceJudge(EvidenceRules rules) : Judge
{
    private const double Margin = 0.01;

    private readonly double _regressedAt = LogEvidence.RegressedAt(rules.Restarts ? 2 : 1);
    private ControlEvidence _evidence = new(Margin);
    private ControlEvidence _ofStep = new(Margin);
    private int _step;
    private int _baked;

    /// <summary>The first tick after which it was proved safe.</summary>
    public int? SafeAt { get; private set; }

    protected override Outcome Decide(Seen seen)
    {
        _evidence = _evidence.Add(seen.Tick);
        if (rules.Restarts)
            _ofStep = _ofStep.Add(seen.Tick);
        if (IsRegressed(seen.Users))
            return Outcome.RolledBack;
        var safe = (rules.Restarts ? _ofStep : _evidence).LogSafe >= LogEvidence.ProvedSafeAt;
        if (safe)
            SafeAt ??= Ticks;
        if (++_baked >= StepTicks && safe)
        {
            (_baked, _ofStep) = (0, new(Margin));
            return ++_step == Steps ? Outcome.Promoted : Outcome.Undecided;
        }

        return _baked < 2 * StepTicks ? Outcome.Undecided : Outcome.Paused;
    }

    private bool IsRegressed(GateTick users) => users.Canary.Failures >= FailingUsers.Fewest
        && (_evidence.LogHarm >= _regressedAt || (rules.Restarts && _ofStep.LogHarm >= _regressedAt + Math.Log(Steps)))
        && (!rules.ComparesUsers || FailingUsers.AreMore(users));
}
