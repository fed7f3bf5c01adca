using CalendarService.Calendars;
using CalendarService.Generation.Writers;
using CalendarService.Runs;

namespace CalendarService.Generation;

/// <summary>What the writer gave and the run has not said yet.</summary>
internal sealed class RunProgress(LiveRun live, EntryRules rules)
{
    private readonly HashSet<string> _slots = new(StringComparer.Ordinal);

    public LiveRun Live => live;

    public int Seen { get; private set; }

    /// <summary>The writer has left slots empty.</summary>
    public bool HasGaps { get; private set; }

    public List<RunEvent> Pending { get; private set; } = [];

    public List<StoredEntry> PendingEntries { get; private set; } = [];

    public string Summary
    {
        get
        {
            var command = live.Run.Command;
            var are = live.Keeping == RunKeeping.Saved ? "are saved" : "were written";
            return $"{live.Entries} of {command.Days * command.PostsPerDay} posts {are}.";
        }
    }

    public void Take(WriterItem item)
    {
        if (item is SignOfLife)
            return;
        Seen++;
        var seq = live.NextSeq + Pending.Count;
        switch (item)
        {
            case DraftPost post when _slots.Add(post.EntryId):
                var (content, fitted) = rules.Fit(RunFrames.Content(post));
                var entry = StoredEntry.ByRun(post.EntryId, content, live.Run.RunId);
                PendingEntries.Add(entry);
                Pending.Add(RunFrames.Entry(seq, entry));
                foreach (var field in fitted)
                    Pending.Add(RunFrames.Warning(++seq, Warn(post.EntryId, field)));
                break;
            case DraftPost post:
                Pending.Add(RunFrames.Warning(seq, new("duplicate-slot", $"The writer gave {post.EntryId} twice; the first one stands.")));
                break;
            case WriterWarning warning:
                HasGaps |= warning.LeavesGaps;
                Pending.Add(RunFrames.Warning(seq, warning));
                break;
        }
    }

    private static WriterWarning Warn(string entryId, string field) => field == "link"
        ? new WriterWarning("link-dropped", $"{entryId}: the link was left out; it could not be saved.")
        : new WriterWarning("post-fitted", $"{entryId}: what could not be saved of its {field} was cut or left out.");

    public (List<RunEvent> Events, List<StoredEntry> Entries) Drain()
    {
        var drained = (Pending, PendingEntries);
        (Pending, PendingEntries) = ([], []);
        return drained;
    }
}
