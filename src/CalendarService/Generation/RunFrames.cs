using CalendarService.Calendars;
using CalendarService.Generation.Writers;
using CalendarService.Storage;
using ServiceDefaults.Wire;

namespace CalendarService.Generation;

/// <summary>What a run says, as events that can be stored and sent.</summary>
internal static class RunFrames
{
    public static RunEvent Meta(Run run) => Of(new MetaFrame(1, run.CalendarId, run.RunId, run.RequestId, false));

    public static RunEvent Entry(long seq, StoredEntry stored) => Of(new EntryFrame(seq, stored.Entry));

    public static RunEvent Warning(long seq, WriterWarning warning) => Of(new WarningFrame(seq, warning.Code, warning.Message));

    /// <summary>The end: an <c>error</c> when something failed, then <c>done</c>.</summary>
    public static IReadOnlyList<RunEvent> End(long seq, Run run, RunEnding ending, int entries, TimeSpan elapsed)
    {
        var events = new List<RunEvent>();
        if (ending.ErrorCode is { } code)
            events.Add(Of(new ErrorFrame(seq++, code, ending.Message ?? code, run.RequestId)));
        events.Add(Of(new DoneFrame(
            seq, ending.Status.Word(), ending.Status != RunStatus.Complete, ending.Message, entries, run.CalendarId, run.RunId,
            run.RequestId, (long)elapsed.TotalMilliseconds, false)));
        return events;
    }

    public static StoredEntry Entry(DraftPost post, string runId) => StoredEntry.ByRun(
        post.EntryId,
        new EntryContent(
            Zones.At(TimestampHandler.Round(post.ScheduledAt), post.Timezone), post.Timezone, post.Channels,
            post.Text.Replace("\0", "", StringComparison.Ordinal), // Postgres has no place for U+0000.
            post.Link,
            post.MediaUrls, post.Tags),
        runId);

    private static RunEvent Of(StreamFrame frame) => new(frame.Seq, frame.Type, StreamFrameWriter.Data(frame));
}

/// <param name="ErrorCode">Kebab-case, when something failed.</param>
/// <param name="Message">For a person, when there is something to say.</param>
internal sealed record RunEnding(RunStatus Status, string? ErrorCode, string? Message)
{
    public static readonly RunEnding Complete = new(RunStatus.Complete, null, null);

    public static RunEnding Error(string code, string message) => new(RunStatus.Error, code, message);
}
