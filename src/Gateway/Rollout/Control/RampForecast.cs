using Gateway.Rollout.Ramps;
using Gateway.Rollout.Statistics;

namespace Gateway.Rollout.Control;

/// <summary>About how long a verdict takes at the traffic that there was since the ramp was started.</summary>
internal static class RampForecast
{
    /// <returns>Null while nothing runs, or too little happened to say it.</returns>
    public static double? MinutesToVerdict(RampPlan plan, RampState state)
    {
        if (state.Phase != RampPhase.Running || state.Watched <= TimeSpan.Zero)
            return null;
        var bake = Math.Max(0, (plan.Bake - state.Baked).TotalMinutes);
        if (state.Verdict is RampVerdict.ProvedSafe or RampVerdict.Regressed or RampVerdict.SplitWrong)
            return bake;
        var longest = bake;
        foreach (var gate in plan.Gates.Where(gate => gate.Decides))
        {
            if (Estimate(state.Gates.GetValueOrDefault(gate.Name), gate, state.Watched.TotalMinutes) is not { } minutes)
                return null;
            longest = Math.Max(longest, minutes);
        }

        return longest;
    }

    /// <summary>As many units a minute as there were on the average since the ramp was started.</summary>
    private static double? Estimate(GateState? gate, RampGate plan, double minutes)
    {
        if (gate is null || gate.Canary.Units == 0)
            return null;
        var (canary, control) = (gate.Canary.Units / minutes, gate.Others.Units / minutes);
        var evidence = gate.Limit?.EstimateTicksUntilSafe(canary) ?? gate.Control?.EstimateTicksUntilSafe(canary, control);
        var fewest = plan.Limit is null ? Math.Min(gate.Canary.Units, gate.Others.Units) : gate.Canary.Units;
        if (evidence is null || fewest == 0)
            return null;
        return Math.Max(evidence.Value, minutes * Math.Max(0, ((double)RampThresholds.FewestUnits / fewest) - 1));
    }
}
