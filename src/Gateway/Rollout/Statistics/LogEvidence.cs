using System.Collections.Immutable;

namespace Gateway.Rollout.Statistics;

/// <summary>
/// Evidence is a bet against a hypothesis, and its value what one coin of stake has become: whoever is right to hold the hypothesis loses
/// a hundredfold with a chance of 1 in 100 at most, whenever one looks. All values are natural logarithms; only <see cref="Value"/>
/// leaves them.
/// </summary>
internal static class LogEvidence
{
    /// <summary>Beyond it nobody reads digits, and <c>exp</c> would be infinite at 710.</summary>
    private const double MostShown = 700;

    /// <summary>With several deciding gates each gets its part of the level.</summary>
    /// <param name="gates">That decide.</param>
    public static double RegressedAt(int gates) => Math.Log(Math.Max(gates, 1) / 0.01);

    /// <summary>For each gate: all of them have to reach it, so none needs a part of the level.</summary>
    public static double ProvedSafeAt { get; } = Math.Log(1 / 0.05);

    /// <summary>With several gateways that may see the same user, each gets its part of the level.</summary>
    public static double SplitWrongAt(int gateways) => Math.Log(Math.Max(gateways, 1) / 0.001);

    /// <summary>The value itself, for people; at most e^700.</summary>
    public static double Value(double log) => Math.Exp(Math.Min(log, MostShown));

    /// <summary>ln of the mean of several bets' values: the stake is spread over them in equal parts.</summary>
    internal static double Mean(ImmutableArray<double> logs)
    {
        var most = logs.Max();
        var sum = 0.0;
        foreach (var log in logs)
            sum += Math.Exp(log - most); // Never above 1: nothing to cap.
        return most + Math.Log(sum / logs.Length);
    }

    /// <summary>Nothing staked yet, one entry for each bet.</summary>
    internal static ImmutableArray<double> Fresh(int bets) => [.. new double[bets]];

    /// <summary>What was saved, if it is what was saved.</summary>
    /// <exception cref="ArgumentException">Another number of bets, or a value that is no number.</exception>
    internal static ImmutableArray<double> Restored(ImmutableArray<double> logs, int bets) =>
        !logs.IsDefault && logs.Length == bets && logs.All(double.IsFinite)
            ? logs : throw new ArgumentException($"Not {bets} finite numbers");

    internal static double Restored(double log) => double.IsFinite(log) ? log : throw new ArgumentException("Not a finite number");

    /// <summary>A margin or a limit.</summary>
    internal static double Share(double share) =>
        share is > 0 and <= 0.5 ? share : throw new ArgumentException($"{share} is not above 0 and at most 0.5");

    /// <summary>The rate that bets assume: 0.5 % until failures say otherwise.</summary>
    internal static double Rate(ArmTick total) => (0.5 + total.Failures) / (100.0 + total.Units);
}
