using System.Globalization;

namespace CalendarService.Channels;

/// <summary>A limit that an account or server may have otherwise: <c>Channels:mastodon:MaxText</c>.</summary>
internal sealed record ChannelLimit(
    string Name, int Least, int Most, Func<ChannelRules, int?> Get, Func<ChannelRules, int, ChannelRules> Set)
{
    public static readonly IReadOnlyList<ChannelLimit> All =
    [
        new(nameof(ChannelRules.MaxText), 1, 1_000_000, r => r.MaxText, (r, limit) => r with { MaxText = limit }),
        new(nameof(ChannelRules.MaxBytes), 1, 10_000_000, r => r.MaxBytes, (r, limit) => r with { MaxBytes = limit }),
        new(nameof(ChannelRules.MaxMedia), 1, 50, r => r.MaxMedia, (r, limit) => r with { MaxMedia = limit }),
        new(nameof(ChannelRules.MaxHashtags), 0, 10_000, r => r.MaxHashtags, (r, limit) => r with { MaxHashtags = limit }),
        new(nameof(ChannelRules.MaxMentions), 0, 10_000, r => r.MaxMentions, (r, limit) => r with { MaxMentions = limit }),
        new(nameof(ChannelRules.MaxLinks), 0, 10_000, r => r.MaxLinks, (r, limit) => r with { MaxLinks = limit }),
    ];

    public static string Names { get; } = string.Join(", ", All.Select(limit => limit.Name));

    public static ChannelLimit? Find(string name) =>
        All.FirstOrDefault(limit => limit.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    public bool TryParse(string text, out int limit) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit >= Least && limit <= Most;
}
