using CalendarService.Calendars;
using CalendarService.Generation.Writers;
using CalendarService.Runs;

namespace CalendarService.Generation;

/// <summary>What the writer gave and the run has not said yet.</summary>
internal sealed class RunProgress(LiveRun live)
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
                var entry = RunFrames.Entry(post, live.Run.RunId);
                PendingEntries.Add(entry);
                Pending.Add(RunFrames.Entry(seq, entry));
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

    public (List<RunEvent> Events, List<StoredEntry> Entries) Drain()
    {
        var drained = (Pending, PendingEntries);
        (Pending, PendingEntries) = ([], []);
        return drained;
    }
}
