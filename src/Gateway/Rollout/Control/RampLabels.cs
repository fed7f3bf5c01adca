using Gateway.Rollout.Ramps;

namespace Gateway.Rollout.Control;

/// <summary>What the controller is doing with a cohort.</summary>
internal enum RampPhase
{
    /// <summary>Nobody has started the ramp, or a person has ended it.</summary>
    Idle,

    Running,

    /// <summary>It waits for a person; nothing moves by itself, in no direction.</summary>
    Paused,

    /// <summary>The last step is proved.</summary>
    Done,

    /// <summary>The canary was worse, and its users are back.</summary>
    RolledBack,
}

/// <summary>What the evidence says.</summary>
internal enum RampVerdict
{
    Collecting,
    ProvedSafe,
    Regressed,
    Inconclusive,
    SplitWrong,
}

internal static class RampLabels
{
    public static readonly IReadOnlyList<RampVerdict> Verdicts = Enum.GetValues<RampVerdict>();

    public static string ToLabel(this RampVerdict verdict) => RampWords.Of(verdict);

    public static string ToLabel(this RampPhase phase) => RampWords.Of(phase);
}
