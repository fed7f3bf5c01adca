using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gateway.Rollout.Statistics;

/// <summary>What is known of the canary beside a fixed rate, for what the other arm cannot fail at: bets against "at most the limit" and
/// against "the limit or more".</summary>
internal sealed record LimitEvidence
{
    private const double HighestRate = 0.99;

    private static readonly double[] HarmRatios = [1.25, 1.5, 2, 3, 5, 10];
    private static readonly double[] SafeRatios = [0.1, 0.25, 0.5, 0.75];

    /// <param name="limit">Failures per unit: above 0, at most 0.5.</param>
    public LimitEvidence(double limit)
        : this(limit, default, LogEvidence.Fresh(HarmRatios.Length), LogEvidence.Fresh(SafeRatios.Length))
    {
    }

    /// <summary>Goes on from what was saved.</summary>
    /// <exception cref="ArgumentException">Nothing that was ever saved.</exception>
    [JsonConstructor]
    public LimitEvidence(double limit, ArmTick total, ImmutableArray<double> logHarmRatios, ImmutableArray<double> logSafeRatios)
    {
        Limit = LogEvidence.Share(limit);
        Total = total;
        LogHarmRatios = LogEvidence.Restored(logHarmRatios, HarmRatios.Length);
        LogSafeRatios = LogEvidence.Restored(logSafeRatios, SafeRatios.Length);
    }

    public double Limit { get; }

    /// <summary>All ticks until now.</summary>
    public ArmTick Total { get; }

    /// <summary>The bets on 1.25 times the limit, 1.5 times, and so on.</summary>
    public ImmutableArray<double> LogHarmRatios { get; }

    /// <summary>The bets on a tenth of the limit, a quarter, and so on.</summary>
    public ImmutableArray<double> LogSafeRatios { get; }

    /// <summary>Against "at most the limit".</summary>
    [JsonIgnore]
    public double LogHarm => LogEvidence.Mean(LogHarmRatios);

    /// <summary>Against "the limit or more".</summary>
    [JsonIgnore]
    public double LogSafe => LogEvidence.Mean(LogSafeRatios);

    public LimitEvidence Add(ArmTick canary) => canary.Units == 0
        ? this
        : new(Limit, Total + canary, Bet(canary, HarmRatios, LogHarmRatios), Bet(canary, SafeRatios, LogSafeRatios));

    /// <summary>How many more ticks of so many units it takes to prove the canary safe, if it fails as often as until now. Null if
    /// no number of them would.</summary>
    public double? EstimateTicksUntilSafe(double units)
    {
        if (LogSafe >= LogEvidence.ProvedSafeAt)
            return 0;
        var rate = LogEvidence.Rate(Total);
        double? fewest = null;
        for (var i = 0; i < SafeRatios.Length; i++)
        {
            var better = SafeRatios[i] * Limit;
            var growth = units * ((rate * Math.Log(better / Limit)) + ((1 - rate) * Math.Log((1 - better) / (1 - Limit))));
            var missing = LogEvidence.ProvedSafeAt + Math.Log(SafeRatios.Length) - LogSafeRatios[i]; // If this bet alone has to do it.
            if (growth > 0 && !(fewest <= missing / growth))
                fewest = missing / growth;
        }

        return fewest;
    }

    private ImmutableArray<double> Bet(ArmTick canary, double[] ratios, ImmutableArray<double> before)
    {
        var logs = before.ToBuilder();
        for (var i = 0; i < ratios.Length; i++)
            logs[i] += canary.LogRatio(Math.Min(ratios[i] * Limit, HighestRate), Limit);
        return logs.DrainToImmutable();
    }
}
