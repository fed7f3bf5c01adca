using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Gateway.Rollout.Statistics;

/// <summary>What happened in one arm, in one tick or in many together.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ArmTick
{
    /// <summary>Up to here every count is exact as a floating-point number, and everything that is made of it stays finite.</summary>
    public const long MostUnits = 1L << 53;

    /// <param name="units">Users; each counts once a tick.</param>
    /// <param name="failures">Those of them of whose requests one failed.</param>
    /// <exception cref="ArgumentException">No count of users and failing users.</exception>
    [JsonConstructor]
    public ArmTick(long units, long failures)
    {
        if (failures < 0 || failures > units || units > MostUnits)
            throw new ArgumentException($"{failures} of {units}: not 0 to {MostUnits} units, of which some failed");
        (Units, Failures) = (units, failures);
    }

    public long Units { get; }

    public long Failures { get; }

    public static ArmTick operator +(ArmTick one, ArmTick other) => new(one.Units + other.Units, one.Failures + other.Failures);

    /// <summary>ln of how much likelier these failures are at a rate of <paramref name="alternative"/> than at one of
    /// <paramref name="hypothesis"/>. What did not happen weighs nothing, even at a rate of 0 or 1.</summary>
    internal double LogRatio(double alternative, double hypothesis)
    {
        var failed = Failures == 0 ? 0 : Failures * Math.Log(alternative / hypothesis);
        var passed = Failures == Units ? 0 : (Units - Failures) * Math.Log((1 - alternative) / (1 - hypothesis));
        return failed + passed;
    }
}

/// <summary>Both arms at the same time. Counts of several gateways are added before they become evidence.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct GateTick(ArmTick Canary, ArmTick Control)
{
    [JsonIgnore]
    public bool IsEmpty => Canary.Units == 0 && Control.Units == 0;

    public static GateTick operator +(GateTick one, GateTick other) => new(one.Canary + other.Canary, one.Control + other.Control);
}
