namespace CalendarService.Calendars;

/// <summary>One field that merging works on.</summary>
/// <param name="Name">As in JSON.</param>
/// <param name="Copy">The first content with this field of the second.</param>
internal sealed record EntryField(
    string Name, Func<EntryContent, object?> Get, Func<EntryContent, EntryContent, EntryContent> Copy)
{
    public static readonly IReadOnlyList<EntryField> All =
    [
        new("scheduledAt", c => c.ScheduledAt, (to, from) => to with { ScheduledAt = from.ScheduledAt }),
        new("timezone", c => c.Timezone, (to, from) => to with { Timezone = from.Timezone }),
        new("channels", c => c.Channels, (to, from) => to with { Channels = from.Channels }),
        new("text", c => c.Text, (to, from) => to with { Text = from.Text }),
        new("link", c => c.Link, (to, from) => to with { Link = from.Link }),
        new("mediaUrls", c => c.MediaUrls, (to, from) => to with { MediaUrls = from.MediaUrls }),
        new("tags", c => c.Tags, (to, from) => to with { Tags = from.Tags }),
    ];

    public static readonly IReadOnlyList<string> Names = [.. All.Select(field => field.Name)];

    public bool Same(EntryContent a, EntryContent b) => (Get(a), Get(b)) switch
    {
        (IReadOnlyList<string> x, IReadOnlyList<string> y) => x.SequenceEqual(y),
        var (x, y) => Equals(x, y),
    };
}
