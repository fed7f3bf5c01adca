using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gateway.Rollout.Statistics;

/// <summary>
/// What is known of the canary beside the control arm at the same time: two bets at once, one against "not worse" and one
/// against "worse by the margin or more". Each tick multiplies a bet by a factor whose mean is at most 1 while its hypothesis
/// holds, whatever was seen before. Sources and reasons: docs/decisions/0011-evidence.md.
/// </summary>
internal sealed record ControlEvidence
{
    /// <summary>No rate above it is bet on.</summary>
    private const double HighestRate = 0.99;

    private static readonly double[] Ratios = [1.5, 2, 3, 5, 10, 30, 100];

    /// <param name="margin">How much worse, in failures per unit, is no longer safe: above 0, at most 0.5.</param>
    public ControlEvidence(double margin) : this(margin, default, LogEvidence.Fresh(Ratios.Length), 0)
    {
    }

    /// <summary>Goes on from what was saved.</summary>
    /// <exception cref="ArgumentException">Nothing that was ever saved.</exception>
    [JsonConstructor]
    public ControlEvidence(double margin, GateTick total, ImmutableArray<double> logRatios, double logSafe)
    {
        Margin = LogEvidence.Share(margin);
        Total = total;
        LogRatios = LogEvidence.Restored(logRatios, Ratios.Length);
        LogSafe = LogEvidence.Restored(logSafe);
    }

    public double Margin { get; }

    /// <summary>All ticks until now.</summary>
    public GateTick Total { get; }

    /// <summary>The bets on a canary that fails 1.5 times as often as the control arm, twice as often, and so on.</summary>
    public ImmutableArray<double> LogRatios { get; }

    /// <summary>Against "worse by the margin or more".</summary>
    public double LogSafe { get; }

    /// <summary>Against "not worse".</summary>
    [JsonIgnore]
    public double LogHarm => LogEvidence.Mean(LogRatios);

    public ControlEvidence Add(GateTick tick) => tick.IsEmpty
        ? this
        : new(Margin, Total + tick, BetOnHarm(tick), LogSafe + BetOnSafety(tick));

    /// <summary>How many more ticks of this size it takes to prove the canary safe, if it fails as often as everybody did until now.
    /// Null if no number of them would.</summary>
    public double? EstimateTicksUntilSafe(double canaryUnits, double controlUnits)
    {
        if (LogSafe >= LogEvidence.ProvedSafeAt)
            return 0;
        var rate = LogEvidence.Rate(Total.Canary + Total.Control);
        if (FindNearestWorse(rate, canaryUnits, controlUnits) is not { } control)
            return null;
        var growth = Growth(canaryUnits, rate, control + Margin) + Growth(controlUnits, rate, control);
        return growth > 0 ? (LogEvidence.ProvedSafeAt - LogSafe) / growth : null;
    }

    private ImmutableArray<double> BetOnHarm(GateTick tick)
    {
        var (canary, control) = tick;
        if (canary.Units == 0 || control.Units == 0)
            return LogRatios; // One arm alone compares nothing.
        var rate = LogEvidence.Rate(Total.Control);
        var logs = LogRatios.ToBuilder();
        for (var i = 0; i < Ratios.Length; i++)
        {
            var worse = Math.Min(Ratios[i] * rate, HighestRate);
            if (worse <= rate)
                continue;
            // Of all rates that both arms could share, the one that explains this bet best.
            var shared = ((canary.Units * worse) + (control.Units * rate)) / (canary.Units + control.Units);
            logs[i] += canary.LogRatio(worse, shared) + control.LogRatio(rate, shared);
        }

        return logs.DrainToImmutable();
    }

    private double BetOnSafety(GateTick tick)
    {
        var (canary, control) = tick;
        var rate = LogEvidence.Rate(Total.Canary + Total.Control);
        return FindNearestWorse(rate, canary.Units, control.Units) is { } nearest
            ? canary.LogRatio(rate, nearest + Margin) + control.LogRatio(rate, nearest) : 0;
    }

    /// <summary>
    /// The control arm's rate u of that pair (u + margin, u) which is hardest to tell from both arms failing at
    /// <paramref name="rate"/>: where the derivative of the divergence from it is 0. Null where there is nothing to bet on.
    /// </summary>
    private double? FindNearestWorse(double rate, double canaryUnits, double controlUnits)
    {
        if (rate >= HighestRate || (canaryUnits <= 0 && controlUnits <= 0))
            return null;
        if (canaryUnits <= 0 || controlUnits <= 0)
            return NearestOfOneArm(rate, hasCanary: canaryUnits > 0);

        // One term falls and the other rises, so that the only root lies between the rates at which each of them is 0. Without fractions,
        // because a rate may come very near to 0 or 1.
        var (low, high) = (Math.Max(0, rate - Margin), Math.Min(rate, 1 - Margin));
        while (true)
        {
            var control = low + ((high - low) / 2);
            var canary = control + Margin;
            if (control <= low || control >= high)
                return canary < 1 ? control : null;
            var slope = (canaryUnits * (canary - rate) * control * (1 - control))
                + (controlUnits * (control - rate) * canary * (1 - canary));
            (low, high) = slope < 0 ? (control, high) : (low, control);
        }
    }

    /// <summary>The arm of which nothing was seen may have failed at any rate: there is evidence only where none would do.</summary>
    private double? NearestOfOneArm(double rate, bool hasCanary) => hasCanary
        ? (rate < Margin ? 0 : null)
        : (rate > 1 - Margin ? 1 - Margin : null);

    /// <summary>What so many units at this rate add to the bet against another, on the average.</summary>
    private static double Growth(double units, double rate, double other) => units <= 0
        ? 0 : units * ((rate * Math.Log(rate / other)) + ((1 - rate) * Math.Log((1 - rate) / (1 - other))));
}
