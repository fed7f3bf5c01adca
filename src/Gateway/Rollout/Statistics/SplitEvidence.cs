using System.Text.Json.Serialization;

namespace Gateway.Rollout.Statistics;

/// <summary>
/// Whether users fall into the arms as planned (a sample ratio mismatch is a bot, a cached page, a lost user id): a bet against
/// the plan, on shares that spread around it as a Dirichlet distribution of concentration 10,000 and learn from what is seen.
/// <para>
/// A change of the plan ends one bet and puts all of its proceeds on a fresh one. The value stays a product of factors whose mean under the
/// plan of their time is 1. What the old bet had learned is lost, its value is not.
/// </para>
/// </summary>
internal sealed record SplitEvidence
{
    private const double Concentration = 10_000;

    /// <summary>From here on Stirling's series is exact to eleven places.</summary>
    private const double LargeForStirling = 16;

    public SplitEvidence() : this(0, 0, 0, 0)
    {
    }

    /// <summary>Goes on from what was saved.</summary>
    /// <exception cref="ArgumentException">Nothing that was ever saved.</exception>
    [JsonConstructor]
    public SplitEvidence(double share, long canary, long control, double logBefore)
    {
        Share = Checked(share);
        (Canary, Control) = (Checked(canary), Checked(control));
        LogBefore = LogEvidence.Restored(logBefore);
        if (SaysNothing(share) && canary + control > 0)
            throw new ArgumentException("A plan of nobody or everybody counts no users");
    }

    /// <summary>The plan of the users below, from 0 to 1; 0 before the first.</summary>
    public double Share { get; }

    public long Canary { get; }

    public long Control { get; }

    /// <summary>What the bets on earlier plans have won.</summary>
    public double LogBefore { get; }

    [JsonIgnore]
    public double LogWrong => LogBefore + (SaysNothing(Share) ? 0
        : LogRising(Concentration * Share, Canary) + LogRising(Concentration * (1 - Share), Control)
            - LogRising(Concentration, Canary + Control) - (Canary * Math.Log(Share)) - (Control * Math.Log(1 - Share)));

    /// <summary>
    /// Users seen for the first time. Those of the tick in which the plan changed belong to neither plan: leave them out. Gateways that may
    /// see the same user are not added up, because a user may count only once: each has evidence of its own.
    /// </summary>
    /// <param name="share">Of the canary, from 0 to 1; at both ends chance decides nothing and users say nothing.</param>
    public SplitEvidence Add(long canary, long control, double share)
    {
        if (SaysNothing(Checked(share)) || Checked(canary) + Checked(control) == 0)
            return this;
        return share.Equals(Share)
            ? new(share, Canary + canary, Control + control, LogBefore)
            : new(share, canary, control, LogWrong);
    }

    private static bool SaysNothing(double share) => share is 0 or 1;

    /// <summary>ln Γ(x + n) − ln Γ(x).</summary>
    private static double LogRising(double x, long n)
    {
        var sum = 0.0;
        while (n > 0 && x < LargeForStirling)
        {
            sum += Math.Log(x++);
            n--;
        }

        return n == 0 ? sum
            : sum + ((x - 0.5) * Math.Log(1 + (n / x))) + (n * (Math.Log(x + n) - 1)) + StirlingTail(x + n) - StirlingTail(x);
    }

    private static double StirlingTail(double x)
    {
        var square = x * x;
        return (1 - ((1 - (2 / (7 * square))) / (30 * square))) / (12 * x);
    }

    private static double Checked(double share) =>
        share is >= 0 and <= 1 ? share : throw new ArgumentException($"{share} is not from 0 to 1");

    private static long Checked(long users) =>
        users is >= 0 and <= ArmTick.MostUnits ? users : throw new ArgumentException($"{users} users: not 0 to {ArmTick.MostUnits}");
}
