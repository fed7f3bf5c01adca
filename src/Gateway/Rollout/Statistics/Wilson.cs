namespace Gateway.Rollout.Statistics;

/// <summary>Wilson's score interval of a share (Wilson 1927, JASA 22): it stays within 0 and 1 and is honest for few and for none. For one
/// look, to show how sure a number is; what decides again and again is <see cref="LogEvidence"/>.</summary>
internal static class Wilson
{
    /// <summary>Of an interval that misses on both sides together in 5 of 100 cases.</summary>
    public const double Z95 = 1.959964;

    /// <param name="arm">Nothing seen: from 0 to 1.</param>
    /// <param name="z">Quantile of the normal distribution; 1.645 for one bound that misses in 5 of 100 cases.</param>
    public static (double Lower, double Upper) Bounds(ArmTick arm, double z = Z95)
    {
        if (arm.Units == 0)
            return (0, 1);
        var share = (double)arm.Failures / arm.Units;
        var weight = z * z / arm.Units;
        var center = share + (weight / 2);
        var half = z * Math.Sqrt(((share * (1 - share)) + (weight / 4)) / arm.Units);
        return (arm.Failures == 0 ? 0 : (center - half) / (1 + weight), arm.Failures == arm.Units ? 1 : (center + half) / (1 + weight));
    }
}
