namespace Gateway.Rollout.Control;

/// <summary>Why an action on a rollout was refused; nothing was changed.</summary>
internal enum RolloutRefusal
{
    /// <summary>There is no such cohort, flag, ramp or event.</summary>
    Unknown,

    /// <summary>It makes no sense where the ramp stands, or lacks a reason, or a number is out of range.</summary>
    Illegal,

    /// <summary>The files are others than those that it was decided on.</summary>
    Conflict,

    /// <summary>Somebody else is at work on the folder.</summary>
    Busy,

    /// <summary>The folder takes no files.</summary>
    ReadOnly,

    /// <summary>Configuration or state cannot be read.</summary>
    Unreadable,
}

internal sealed class RolloutRefusedException(RolloutRefusal refusal, string message) : Exception(message)
{
    public RolloutRefusal Refusal => refusal;
}
