namespace CalendarService.Channels;

/// <param name="Problem">Why it cannot publish, in words without a secret; null when it can.</param>
internal sealed record ChannelStatus(string Channel, bool Configured, string? Problem);

internal enum ChannelAuthProblem
{
    Missing,
    Expired,
    Invalid,
}

internal static class ChannelAuthProblems
{
    /// <summary>The one word for it in answers, log lines and metrics.</summary>
    public static string ToLabel(this ChannelAuthProblem problem) => problem switch
    {
        ChannelAuthProblem.Missing => "missing",
        ChannelAuthProblem.Expired => "expired",
        ChannelAuthProblem.Invalid => "invalid",
        _ => throw new ArgumentOutOfRangeException(nameof(problem), problem, null),
    };
}

internal sealed record ChannelAuthFault(string Channel, ChannelAuthProblem Reason);

/// <param name="Error">Every fault that the network would refuse, naming the limit and the actual value, never the post's text.</param>
internal sealed record ChannelVerdict(bool Accepted, string? Error);
