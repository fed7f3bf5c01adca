using System.Collections.Concurrent;
using Crash.Load;

namespace Crash.Ledger;

/// <param name="EntryId">Of an entry; the finish reason of a done; else empty.</param>
internal sealed record SeenEvent(string Type, string EntryId);

/// <summary>What was seen of one run.</summary>
internal sealed class SeenRun(string runId)
{
    public string RunId => runId;

    public SortedDictionary<long, SeenEvent> Events { get; } = [];

    /// <summary>Numbers of the entries that said of themselves that they are not saved, and were not shown again since.</summary>
    public HashSet<long> Unsaved { get; } = [];

    /// <summary>The stream said that what it shows is not saved yet, and may never be.</summary>
    public bool WasWarned { get; set; }

    /// <summary>The warning comes right after the first event: who has seen no more does not know.</summary>
    public bool IsPromised => !WasWarned && Events.Count > 1;

    public bool IsDone => Events.Values.Any(seen => seen.Type == "done");

    public bool IsComplete => Events.Values.Any(seen => seen is { Type: "done", EntryId: "complete" });
}

/// <summary>A wish to generate, under one key, however often it was sent and its stream resumed.</summary>
/// <param name="Brief">No other wish has it.</param>
/// <param name="CalendarId">Of a calendar that is new, or of one that is there.</param>
internal sealed record Generation(string User, string Key, string Brief, string CalendarId, bool IsNew)
{
    public List<Reply> Starts { get; } = [];

    /// <summary>
    /// More than one only while the database is away: a replica that cannot ask it begins another, with a warning. The last one is the one
    /// that the client follows.
    /// </summary>
    public List<SeenRun> Runs { get; } = [];

    /// <summary>Gaps, repetitions and contradictions, in words.</summary>
    public List<string> Faults { get; } = [];

    public int Resumed { get; set; }

    /// <summary>The run that the stream speaks of.</summary>
    public SeenRun Follow(string runId)
    {
        var run = Runs.Find(seen => seen.RunId == runId) ?? new(runId);
        Runs.Remove(run);
        Runs.Add(run);
        return run;
    }

    public override string ToString() =>
        $"generation {Brief} of {User}, key {Key}, runs {string.Join(" and ", Runs.Select(run => run.RunId))}";
}

internal sealed class RunLedger
{
    private readonly ConcurrentQueue<Generation> _generations = [];

    public IReadOnlyCollection<Generation> All => _generations;

    public void Note(Generation generation) => _generations.Enqueue(generation);
}
