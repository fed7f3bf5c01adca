namespace CalendarService.Generation.Writers;

internal abstract record WriterItem;

/// <param name="EntryId">The slot, <c>2026-11-21-1</c> (date, then slot of the day from 1): stable across runs of one calendar.</param>
/// <param name="ScheduledAt">With the offset that <paramref name="Timezone"/> has at that moment.</param>
internal sealed record DraftPost(
    string EntryId,
    DateTimeOffset ScheduledAt,
    string Timezone,
    IReadOnlyList<string> Channels,
    string Text,
    string? Link,
    IReadOnlyList<string> MediaUrls,
    IReadOnlyList<string> Tags) : WriterItem;

/// <param name="Code">A stable, kebab-case word.</param>
/// <param name="Message">Safe for a client: no secret, nothing that the AI said.</param>
internal sealed record WriterWarning(string Code, string Message) : WriterItem
{
    /// <summary>There are slots without a post that the writer should have had one for.</summary>
    public bool LeavesGaps { get; init; }
}

/// <summary>Nothing to tell; the writer is at work.</summary>
internal sealed record SignOfLife : WriterItem
{
    public static readonly SignOfLife Instance = new();
}
