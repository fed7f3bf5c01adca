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
            var promised = generation.Runs.Where(run => run.IsPromised).ToList();
            if (rows.Count > 1 || promised.Count > 1)
                findings.Add(Wrong.Doubled, $"{rows.Count} runs are stored, {promised.Count} were promised: {generation}");
            if (rows.Count > 0 && generation.Starts.TrueForAll(start => start.Fate == Fate.Refused))
                findings.Add(Wrong.Unexplained, $"a run is stored, though every start was refused: {generation}");
            foreach (var row in rows.Where(row => row.Status == "running"))
                findings.Add(Wrong.Different, $"run {row.Id} never ended: {generation}");
            foreach (var run in promised)
            {
                if (rows.Find(row => row.Id == run.RunId) is { } row)
                    Check(generation, run, row, [.. events[row.Id].OrderBy(stored => stored.Seq)], entries[(row.UserId, row.CalendarId)]);
                else
                    findings.Add(Wrong.Lost, $"run {run.RunId} is not stored: {generation}");
            }
        }

        var wishes = ledger.All.Select(generation => (generation.User, generation.Brief)).ToHashSet();
        foreach (var row in tables.Runs.Where(row => !wishes.Contains((row.UserId, row.Brief))))
            findings.Add(Wrong.Unexplained, $"nobody asked for run {row.Id}");
        var seen = ledger.All.SelectMany(generation => generation.Runs).ToList();
        var stored = tables.Runs.Select(row => row.Id).ToHashSet(StringComparer.Ordinal);
        findings.Number("runs, stored as they were seen", seen.Count(run => run.IsPromised));
        findings.Number("of them complete, with all their entries", seen.Count(run => run is { IsPromised: true, IsComplete: true }));
        findings.Number("runs that warned that they are not saved yet", seen.Count(run => run.WasWarned));
        findings.Number("of them saved in the end", seen.Count(run => run.WasWarned && stored.Contains(run.RunId)));
        findings.Number("streams resumed", ledger.All.Sum(generation => generation.Resumed));
        findings.Number("events seen", seen.Sum(run => run.Events.Count));
    }

    private void Check(Generation generation, SeenRun run, RunRow row, List<EventRow> stored, IEnumerable<EntryRow> entries)
    {
        for (var i = 0; i < stored.Count; i++)
        {
            if (stored[i].Seq != i + 1)
                findings.Add(Wrong.Lost, $"event {i + 1} is not stored: {generation}");
        }

        foreach (var (seq, seen) in run.Events.Where(seen => seen.Value.Type == "entry" && !run.Unsaved.Contains(seen.Key)))
        {
            if (seq > stored.Count || stored[(int)seq - 1].EntryId != seen.EntryId)
                findings.Add(Wrong.Lost, $"event {seq}, entry {seen.EntryId}, was shown and is not stored: {generation}");
        }

        if (!run.IsComplete)
            return;
        if (row.Status != "complete" || row.Partial || row.Entries != GenerationClient.Entries)
            findings.Add(Wrong.Lost, $"was done complete, and is stored {row.Status} with {row.Entries} entries: {generation}");
        if (generation.IsNew && entries.Count() != GenerationClient.Entries)
            findings.Add(Wrong.Lost, $"was done complete, and its calendar has {entries.Count()} entries: {generation}");
    }
}
