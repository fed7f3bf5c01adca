using Crash.Ledger;
using Crash.Load;

namespace Crash.Audit;

/// <summary>One run a key; what a stream showed is stored; a run that was said to be complete is.</summary>
internal sealed class RunAudit(Tables tables, RunLedger ledger, Findings findings)
{
    public void Run()
    {
        var runs = tables.Runs.ToLookup(row => (row.UserId, row.Brief));
        var events = tables.Events.ToLookup(row => row.RunId);
        var entries = tables.LiveEntries.ToLookup(row => (row.UserId, row.CalendarId));
        foreach (var generation in ledger.All)
        {
            foreach (var fault in generation.Faults)
                findings.Add(Wrong.Different, $"{fault}: {generation}");
            List<RunRow> rows = [.. runs[(generation.User, generation.Brief)]];
            if (rows.Count > 1 || (generation.RunIds.Count > 1 && !generation.WasWarned))
                findings.Add(Wrong.Doubled, $"{rows.Count} runs are stored: {generation}");
            if (rows.Count == 0 && generation.RunIds.Count > 0 && !generation.WasWarned)
                findings.Add(Wrong.Lost, $"no run is stored: {generation}");
            if (rows.Count > 0 && generation.Starts.TrueForAll(start => start.Fate == Fate.Refused))
                findings.Add(Wrong.Unexplained, $"a run is stored, though every start was refused: {generation}");
            if (rows is [var row])
                Check(generation, row, [.. events[row.Id].OrderBy(stored => stored.Seq)], entries[(row.UserId, row.CalendarId)]);
        }

        var wishes = ledger.All.Select(generation => (generation.User, generation.Brief)).ToHashSet();
        foreach (var row in tables.Runs.Where(row => !wishes.Contains((row.UserId, row.Brief))))
            findings.Add(Wrong.Unexplained, $"nobody asked for run {row.Id}");
        findings.Number("warned that nothing is saved yet", ledger.All.Count(generation => generation.WasWarned));
        findings.Number("of them stored in the end", ledger.All.Count(generation => generation.WasWarned && runs[(generation.User, generation.Brief)].Any()));
        findings.Number("generations, one run each", ledger.All.Count(generation => generation.RunIds.Count == 1));
        findings.Number("generations complete, and stored so", ledger.All.Count(generation => generation.IsComplete && !generation.WasWarned));
        findings.Number("streams resumed", ledger.All.Sum(generation => generation.Resumed));
        findings.Number("events read", ledger.All.Sum(generation => generation.Events.Count));
    }

    private void Check(Generation generation, RunRow row, List<EventRow> stored, IEnumerable<EntryRow> entries)
    {
        if (row.Status == "running")
            findings.Add(Wrong.Different, $"never ended: {generation}");
        for (var i = 0; i < stored.Count; i++)
        {
            if (stored[i].Seq != i + 1)
                findings.Add(Wrong.Lost, $"event {i + 1} is not stored: {generation}");
        }

        if (generation.WasWarned)
            return;
        foreach (var (seq, seen) in generation.Events.Where(seen => seen.Value.Type == "entry"))
        {
            if (seq > stored.Count || stored[(int)seq - 1].EntryId != seen.EntryId)
                findings.Add(Wrong.Lost, $"event {seq}, entry {seen.EntryId}, was shown and is not stored: {generation}");
        }

        if (!generation.IsComplete)
            return;
        if (row.Status != "complete" || row.Partial || row.Entries != GenerationEntries)
            findings.Add(Wrong.Lost, $"was done complete, and is stored {row.Status} with {row.Entries} entries: {generation}");
        if (generation.IsNew && entries.Count() != GenerationEntries)
            findings.Add(Wrong.Lost, $"was done complete, and its calendar has {entries.Count()} entries: {generation}");
    }

    private const int GenerationEntries = GenerationClient.Entries;
}
