using Microsoft.Extensions.Primitives;

namespace Gateway.Exchanges;

/// <summary>What came as <c>X-Rollout-Override</c>, taken off the request; judged where its route is known. Never shown.</summary>
internal sealed class OverrideHeader(StringValues lines)
{
    public const string Name = "X-Rollout-Override";

    public StringValues Lines => lines;

    /// <summary>Null when none came; afterwards none is there.</summary>
    public static OverrideHeader? Take(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(Name, out var lines))
            return null;
        headers.Remove(Name);
        return new(lines);
    }
}

/// <summary>What became of a request that came with an <see cref="OverrideHeader"/>. Only the first decides anything.</summary>
internal enum OverrideOutcome
{
    Accepted,

    /// <summary>It is no token.</summary>
    Malformed,

    /// <summary>It came more than once: which of them was meant is anybody's guess.</summary>
    Repeated,

    Forged,
    Expired,

    /// <summary>It would be good for longer than any may be.</summary>
    TooLong,

    /// <summary>It is bound to somebody else.</summary>
    OtherUser,

    /// <summary>The route has no flag, or another one.</summary>
    OtherFlag,

    /// <summary>A key of the flag is off, and that counts more.</summary>
    SwitchedOff,

    /// <summary>This gateway has no key.</summary>
    NotConfigured,
}

internal static class OverrideOutcomes
{
    public static readonly IReadOnlyList<OverrideOutcome> All = Enum.GetValues<OverrideOutcome>();

    public static string ToLabel(this OverrideOutcome outcome) => outcome switch
    {
        OverrideOutcome.Accepted => "accepted",
        OverrideOutcome.Malformed => "malformed",
        OverrideOutcome.Repeated => "repeated",
        OverrideOutcome.Forged => "forged",
        OverrideOutcome.Expired => "expired",
        OverrideOutcome.TooLong => "too-long",
        OverrideOutcome.OtherUser => "other-user",
        OverrideOutcome.OtherFlag => "other-flag",
        OverrideOutcome.SwitchedOff => "switched-off",
        OverrideOutcome.NotConfigured => "not-configured",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };
}
