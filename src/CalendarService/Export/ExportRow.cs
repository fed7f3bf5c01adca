namespace CalendarService.Export;

/// <summary>One row of an export: an entry as saved, with what became of it on its channels.</summary>
/// <param name="RunId">The run that last wrote the entry, null when a person made it.</param>
/// <param name="ChannelStatuses">Status of the newest intent by channel.</param>
internal sealed record ExportRow(
    string EntryId,
    string CalendarId,
    string? RunId,
    DateTimeOffset ScheduledAt,
    string Timezone,
    IReadOnlyList<string> Channels,
    string Status,
    IReadOnlyDictionary<string, string> ChannelStatuses,
    string Text,
    string? Link,
    IReadOnlyList<string> MediaUrls,
    IReadOnlyList<string> Tags,
    string? Error,
    IReadOnlyList<string> EditedFields,
    int Version);
