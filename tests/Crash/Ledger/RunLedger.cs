using System.Collections.Concurrent;
using Crash.Load;

namespace Crash.Ledger;

/// <param name="EntryId">Of an entry; the finish reason of a done; else empty.</param>
internal sealed record SeenEvent(string Type, string EntryId);

/// <summary>A wish to generate, under one key, however often it was sent and its stream resumed.</summary>
/// <param name="Brief">No other wish has it.</param>
/// <param name="CalendarId">Of a calendar that is new, or of one that is there.</param>
internal sealed class Generation(string user, string key, string brief, string calendarId, bool isNew)
{
    public string User => user;

    public string Key => key;

    public string Brief => brief;

    public string CalendarId => calendarId;

    public bool IsNew => isNew;

    public List<Reply> Starts { get; } = [];

    /// <summary>Every id that a stream gave itself.</summary>
    public List<string> RunIds { get; } = [];

    public SortedDictionary<long, SeenEvent> Events { get; } = [];

    /// <summary>Gaps, repetitions and contradictions, in words.</summary>
    public List<string> Faults { get; } = [];

    public int Resumed { get; set; }

    /// <summary>The stream said that what it shows is not saved yet, and may never be: nothing is promised from there on.</summary>
    public bool WasWarned { get; set; }

    public SeenEvent? Done => Events.Values.LastOrDefault(seen => seen.Type == "done");

    public bool IsComplete => Done is { EntryId: "complete" };

    public override string ToString() => $"generation {brief} of {user}, key {key}, run {string.Join(" and ", RunIds)}";
}

internal sealed class RunLedger
{
    private readonly ConcurrentQueue<Generation> _generations = [];

    public IReadOnlyCollection<Generation> All => _generations;

    public void Note(Generation generation) => _generations.Enqueue(generation);
}
