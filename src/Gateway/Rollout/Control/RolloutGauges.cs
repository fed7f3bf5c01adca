using Gateway.Rollout.Ramps;
using Gateway.Rollout.Statistics;
using Prometheus;
using ServiceDefaults.Metrics;

namespace Gateway.Rollout.Control;

/// <summary>
/// Where ramps stand, read from the state file at each scrape: every gateway that sees the folder says the same, whoever the controller is.
/// </summary>
internal sealed class RolloutGauges(CollectorRegistry registry, IMetricFactory metrics, RolloutFolder folder, Snapshots.ConfigStore store)
{
    private (RolloutState State, IReadOnlyList<RolloutEvent> Audit) _last = (RolloutState.Empty, []);
    private long _readLength = -1;

    public void Register()
    {
        var evidence = metrics.CreateGauge(
            "gateway_rollout_log_evidence", "Natural logarithm of the evidence that the canary is worse (harm) or no worse (safe).",
            ["cohort", "gate", "kind"]);
        var thresholds = metrics.CreateGauge(
            "gateway_rollout_threshold", "What the evidence has to reach; of gates that decide nothing there is none.",
            ["cohort", "gate", "kind"]);
        var steps = metrics.CreateGauge("gateway_rollout_step", "The percentage that the ramp has reached.", ["cohort"]);
        var verdicts = metrics.CreateGauge("gateway_rollout_verdict", "1 for the verdict of the ramp.", ["cohort", "verdict"]);
        var paused = metrics.CreateGauge("gateway_rollout_paused", "1 while the ramp waits for a person.", ["cohort"]);
        var transitions = metrics.CreateCounter(
            "gateway_rollout_transitions_total", "Transitions in the audit.", ["cohort", "to", "verdict"]);
        registry.AddBeforeCollectCallback(() =>
        {
            var (state, audit) = store.Current.Rollout.Ramps.Count > 0 ? Read() : (RolloutState.Empty, []);
            var ramps = store.Current.Rollout.Ramps.Values.Select(plan => (Plan: plan, State: state[plan.Cohort])).ToArray();
            evidence.SetAll(ramps.SelectMany(ramp => ReadEvidence(ramp.Plan, ramp.State)));
            thresholds.SetAll(ramps.SelectMany(ramp => ReadThresholds(ramp.Plan)));
            steps.SetAll(ramps.Select(ramp => (ramp.Plan.Cohort, ramp.State.Percentage ?? 0)));
            verdicts.SetAll(ramps.SelectMany(ramp => RampLabels.Verdicts.Select(verdict =>
                (Labels: (string[])[ramp.Plan.Cohort, verdict.ToLabel()], ramp.State.Verdict == verdict ? 1.0 : 0))));
            paused.SetAll(ramps.Select(ramp => (ramp.Plan.Cohort, ramp.State.Phase == RampPhase.Paused ? 1.0 : 0)));
            foreach (var (plan, _) in ramps)
                Declare(transitions, plan);
            foreach (var group in audit.Where(e => !e.IsOfFlag).GroupBy(e => (e.Subject, To: ToLabel(e), e.Verdict)))
                transitions.WithLabels(group.Key.Subject, group.Key.To, group.Key.Verdict ?? "").IncTo(group.Count());
        });
    }

    /// <summary>A ramp that stays where it is and waits is told from one that moved there.</summary>
    private static string ToLabel(RolloutEvent e) => e.From == e.To && e.Phase == RampPhase.Paused.ToLabel() ? e.Phase : e.To;

    /// <summary>What the controller can do is there before it does it: an alert on a missing series never fires.</summary>
    private static void Declare(Counter transitions, RampPlan plan)
    {
        foreach (var step in plan.Steps)
            transitions.WithLabels(plan.Cohort, RolloutValue.ToText(step), RampVerdict.ProvedSafe.ToLabel());
        transitions.WithLabels(plan.Cohort, RolloutValue.ToText(0), RampVerdict.Regressed.ToLabel());
    }

    private static IEnumerable<(string[] Labels, double Value)> ReadEvidence(RampPlan plan, RampState state)
    {
        foreach (var gate in plan.Gates)
        {
            var known = state.Gates.GetValueOrDefault(gate.Name);
            yield return ([plan.Cohort, gate.Name, "harm"], known?.LogHarm ?? 0);
            yield return ([plan.Cohort, gate.Name, "safe"], known?.LogSafe ?? 0);
        }
    }

    private static IEnumerable<(string[] Labels, double Value)> ReadThresholds(RampPlan plan)
    {
        RampGate[] deciding = [.. plan.Gates.Where(gate => gate.Decides)];
        foreach (var gate in deciding)
        {
            yield return ([plan.Cohort, gate.Name, "harm"], LogEvidence.RegressedAt(deciding.Length));
            yield return ([plan.Cohort, gate.Name, "safe"], LogEvidence.ProvedSafeAt);
        }
    }

    /// <summary>What cannot be read now is said as it was: a scrape is no place to complain.</summary>
    private (RolloutState State, IReadOnlyList<RolloutEvent> Audit) Read()
    {
        try
        {
            var length = folder.AuditLength;
            _last = (folder.ReadState(), length == _readLength ? _last.Audit : folder.ReadAudit());
            _readLength = length;
        }
        catch (Exception error) when (error is RolloutRefusedException or IOException or UnauthorizedAccessException)
        {
        }

        return _last;
    }
}
