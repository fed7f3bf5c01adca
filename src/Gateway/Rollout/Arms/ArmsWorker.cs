using Gateway.Snapshots;
using Prometheus;

namespace Gateway.Rollout.Arms;

/// <summary>Ends the ticks, and puts what they add up to on the metrics page.</summary>
internal sealed class ArmsWorker : BackgroundService
{
    private readonly ArmRegistry _arms;
    private readonly TimeSpan _tick;
    private readonly TimeProvider _clock;
    private readonly Counter _units;
    private readonly Dictionary<string, (string Epoch, ArmFigures Figures)> _shown = new(StringComparer.Ordinal);

    public ArmsWorker(ArmRegistry arms, ConfigStore store, RolloutOptions options, TimeProvider clock, IMetricFactory metrics)
    {
        (_arms, _tick, _clock) = (arms, options.Tick, clock);
        _units = metrics.CreateCounter(
            "gateway_arm_units_total", "Users a tick, once each, by what became of them at a gate of the cohort's ramp.",
            ["arm", "cohort", "gate", "outcome"]);
        Follow(store.Current);
        store.Swapped += Follow;
    }

    /// <summary>The tests call it instead of waiting.</summary>
    public void EndTick()
    {
        _arms.EndTick();
        Show();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_tick, _clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            EndTick();
    }

    private void Follow(GatewaySnapshot snapshot)
    {
        _arms.Follow(snapshot.Rollout);
        Show();
    }

    private void Show()
    {
        lock (_shown)
        {
            foreach (var (cohort, arms) in _arms.ByCohort)
            {
                var figures = arms.Read();
                var before = _shown.TryGetValue(cohort, out var shown) && shown.Epoch == arms.Epoch ? shown.Figures : null;
                foreach (var (gate, now) in figures.Gates)
                {
                    Add(cohort, gate, "canary", now.Canary, before?.Gates[gate].Canary);
                    Add(cohort, gate, "control", now.Control, before?.Gates[gate].Control);
                }

                _shown[cohort] = (arms.Epoch, figures);
            }
        }
    }

    private void Add(string cohort, string gate, string arm, GateUnits now, GateUnits? before)
    {
        var failed = now.Failures - (before?.Failures ?? 0);
        _units.WithLabels(arm, cohort, gate, "failed").Inc(failed);
        _units.WithLabels(arm, cohort, gate, "ok").Inc(now.Units - (before?.Units ?? 0) - failed);
    }
}
