using ServiceDefaults.Wire;

namespace CalendarService.Channels;

internal sealed class ChannelRegistry
{
    private static readonly string[] Names =
        ["instagram", "facebook", "linkedin", "x", "tiktok", "threads", "bluesky", "mastodon", "youtube", "pinterest"];

    public IReadOnlyList<string> Known { get; } = Names;

    public bool IsKnown(string channel) => Known.Contains(channel);

    public IReadOnlyList<ChannelStatus> Statuses() => [.. Known.Select(c => new ChannelStatus(c, true, null))];

    public IReadOnlyList<ChannelAuthFault> CheckAuth(IEnumerable<string> channels) =>
        [.. channels.Where(c => !IsKnown(c)).Select(c => new ChannelAuthFault(c, ChannelAuthProblem.Missing))];

    public ChannelVerdict Check(string channel, Entry entry, DateTimeOffset now) =>
        !IsKnown(channel) ? new(false, "not a known channel")
        : entry.ScheduledAt < now ? new(false, "scheduled in the past")
        : new(true, null);
}
