using System.Text.Json;
using CalendarService.Calendars;
using CalendarService.Generation.Writers;
using CalendarService.Runs;
using CalendarService.Storage;
using ServiceDefaults.Times;
using ServiceDefaults.Wire;

namespace CalendarService.Generation;

/// <summary>What a run says, as events that can be stored and sent.</summary>
internal static class RunFrames
{
    public static RunEvent Meta(Run run) => ToEvent(new MetaFrame(1, run.CalendarId, run.RunId, run.RequestId, false));

    public static RunEvent Entry(long seq, StoredEntry stored) => ToEvent(new EntryFrame(seq, stored.Entry));

    public static RunEvent Warning(long seq, WriterWarning warning) => ToEvent(new WarningFrame(seq, warning.Code, warning.Message));

    /// <summary>Told as soon as it is known.</summary>
    /// <param name="hasKey">An <c>Idempotency-Key</c> of which only the database knows whether it is new.</param>
    public static RunEvent NotSavedYet(long seq, bool hasKey) => ToEvent(new WarningFrame(
        seq, "not-saved-yet",
        "The calendar database is away. What is generated is kept in this instance's memory and saved when the database is back; "
        + "until then it cannot be loaded, and it is lost if this instance stops."
        + (hasKey ? " If its Idempotency-Key had started another run before, that one stands instead." : "")));

    /// <summary>
    /// An entry as it is shown before the database has it. The warning can only follow it: what was to be saved together with it has its
    /// numbers, and may be in the database after all. So the entry says it itself.
    /// </summary>
    public static string NotSaved(string entryData) => string.Concat("{\"saved\":false,", entryData.AsSpan(1));

    /// <summary>The end: an <c>error</c> when something failed, then <c>done</c>.</summary>
    public static IReadOnlyList<RunEvent> End(long seq, Run run, RunEnding ending, int entries, TimeSpan elapsed)
    {
        var events = new List<RunEvent>();
        if (ending.ErrorCode is { } code)
            events.Add(ToEvent(new ErrorFrame(seq++, code, ending.Message ?? code, run.RequestId)));
        events.Add(ToEvent(new DoneFrame(
            seq, ending.Status.ToLabel(), ending.Partial, ending.Message, entries, run.CalendarId, run.RunId,
            run.RequestId, (long)elapsed.TotalMilliseconds, false)));
        return events;
    }

    public static EntryContent Content(DraftPost post) => new(
        Zones.At(TimestampHandler.Round(post.ScheduledAt), post.Timezone), post.Timezone, post.Channels, post.Text, post.Link,
        post.MediaUrls, post.Tags);

    /// <summary>The entry of an <c>entry</c> event, as it was before it was told.</summary>
    public static StoredEntry Entry(RunEvent told, string runId)
    {
        var entry = JsonSerializer.Deserialize<EntryFrame>(told.Data, JsonSerializerOptions.Web)!.Entry;
        return StoredEntry.ByRun(entry.EntryId, EntryContent.From(entry), runId);
    }

    private static RunEvent ToEvent(StreamFrame frame) => new(frame.Seq, frame.Type, StreamFrameWriter.Data(frame));
}

/// <param name="ErrorCode">Kebab-case, when something failed.</param>
/// <param name="Message">For a person, when there is something to say.</param>
internal sealed record RunEnding(RunStatus Status, string? ErrorCode, string? Message)
{
    public static readonly RunEnding Complete = new(RunStatus.Complete, null, null);

    /// <summary>It is without something that was asked for.</summary>
    public bool Partial { get; init; } = Status != RunStatus.Complete;

    /// <summary>Of a run that ends before the database has it.</summary>
    public RunEnding NotSaved => With(
        "The calendar database was away at the end of this run. What was generated is kept in this instance's memory and saved when "
        + "the database is back; until then it cannot be loaded, and it is lost if this instance stops first.");

    /// <summary>Of a run that was behind and is no longer.</summary>
    public RunEnding SavedAfterAll =>
        With("The calendar database was away for a while during this run; everything generated is saved now.");

    public static RunEnding Error(string code, string message) => new(RunStatus.Error, code, message);

    /// <summary>The writer went to its end, and some of what it wrote cannot be read.</summary>
    public static RunEnding WithGaps(string summary) => Complete with
    {
        Partial = true, Message = $"Posts of the writer could not be read. {summary} Generate again to get the rest.",
    };

    private RunEnding With(string sentence) => this with { Message = Message is null ? sentence : $"{Message} {sentence}" };
}
