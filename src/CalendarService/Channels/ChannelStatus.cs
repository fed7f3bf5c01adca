namespace CalendarService.Channels;

/// <param name="Problem">Why it cannot publish, in words without a secret; null when it can.</param>
internal sealed record ChannelStatus(string Channel, bool Configured, string? Problem);

internal enum ChannelAuthProblem
{
    Missing,
    Expired,
    Invalid,
}

internal sealed record ChannelAuthFault(string Channel, ChannelAuthProblem Reason);

/// <param name="Error">Every fault that the network would refuse, naming the limit and the actual value, never the post's text.</param>
internal sealed record ChannelVerdict(bool Accepted, string? Error);
