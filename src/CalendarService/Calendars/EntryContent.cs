using ServiceDefaults.Times;
using ServiceDefaults.Wire;

namespace CalendarService.Calendars;

/// <summary>What a run may generate and a person may edit. The rest of an entry is bookkeeping.</summary>
internal sealed record EntryContent(
    DateTimeOffset ScheduledAt,
    string Timezone,
    IReadOnlyList<string> Channels,
    string Text,
    string? Link,
    IReadOnlyList<string> MediaUrls,
    IReadOnlyList<string> Tags)
{
    public static EntryContent From(Entry entry) =>
        new(entry.ScheduledAt, entry.Timezone, entry.Channels, entry.Text, entry.Link, entry.MediaUrls, entry.Tags);

    /// <summary>By the rules that the zone has by now.</summary>
    public EntryContent AsPlanned() => this with { ScheduledAt = Zones.AsPlanned(ScheduledAt, Timezone) };

    public Entry ApplyTo(Entry entry) => entry with
    {
        ScheduledAt = ScheduledAt,
        Timezone = Timezone,
        Channels = Channels,
        Text = Text,
        Link = Link,
        MediaUrls = MediaUrls,
        Tags = Tags,
    };
}
