using RolloutBench.Judges;
using RolloutBench.Streams;

namespace RolloutBench;

/// <summary>What many ramps of one scenario came to, for each judge.</summary>
/// <param name="Units">An arm and tick.</param>
internal sealed record Found(Scenario Scenario, int Units, IReadOnlyList<Verdicts> Judges)
{
    public static IReadOnlyList<Found> SimulateAll(IReadOnlyList<JudgeKind> kinds, int units, int ramps, int seed) =>
        [.. Scenario.All.Select((scenario, i) => Simulate(kinds, scenario, Draws.StreamOf(i, units), units, ramps, seed))];

    private static Found Simulate(IReadOnlyList<JudgeKind> kinds, Scenario scenario, int stream, int units, int ramps, int seed)
    {
        var all = new Judge[ramps][];
        Parallel.For(0, ramps, ramp => all[ramp] = Ramp.Run(kinds, scenario, Draws.Of(seed, stream, ramp), units));
        return new(scenario, units, [.. kinds.Select((_, judge) => Verdicts.Count([.. all.Select(ramp => ramp[judge])], scenario))]);
    }
}

/// <summary>Shares of the ramps.</summary>
/// <param name="RolledBack">While the canary was worse, or at any time if it never was.</param>
/// <param name="TooEarly">Rolled back before the canary became worse.</param>
/// <param name="WasSafe">Called safe at some time, by evidence.</param>
/// <param name="SafeAndBack">Of those that were rolled back, called safe before.</param>
internal sealed record Verdicts(
    double RolledBack, double TooEarly, double Paused, double Promoted, double WasSafe, double SafeAndBack, Minutes ToRollback,
    Minutes ToSafety)
{
    public static Verdicts Count(Judge[] ramps, Scenario scenario)
    {
        var from = scenario.HarmfulFrom ?? 0;
        double Share(Func<Judge, bool> which) => ramps.Count(which) / (double)ramps.Length;
        bool IsBack(Judge judge) => judge.Outcome == Outcome.RolledBack && judge.Ticks > from;
        bool WasSafe(Judge judge) => judge is EvidenceJudge { SafeAt: not null };
        return new(
            Share(IsBack), Share(judge => judge.Outcome == Outcome.RolledBack && judge.Ticks <= from),
            Share(static judge => judge.Outcome == Outcome.Paused), Share(static judge => judge.Outcome == Outcome.Promoted),
            Share(WasSafe), Share(judge => IsBack(judge) && WasSafe(judge)),
            Minutes.Of(ramps.Where(IsBack).Select(judge => judge.Ticks - from)),
            Minutes.Of(ramps.OfType<EvidenceJudge>().Select(static judge => judge.SafeAt).OfType<int>()));
    }
}

/// <param name="Median">Null without a ramp that came so far.</param>
internal sealed record Minutes(double? Median, double? Ninety)
{
    public static Minutes Of(IEnumerable<int> ticks)
    {
        var sorted = ticks.Order().ToArray();
        double? At(double share) => sorted.Length == 0 ? null
            : sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))] / (double)Scenario.TicksAMinute;
        return new(At(0.5), At(0.9));
    }
}
