using System.Data.Common;
using CalendarService.Calendars;
using CalendarService.Requests;
using CalendarService.Runs;
using CalendarService.Storage;

namespace CalendarService.Generation;

/// <summary>Saves what a run said while the database was away: once, whatever an earlier try has left there.</summary>
internal sealed class RunCatchUp(Database database, RunStore runs, RunAcceptance acceptance, CalendarStore calendars)
{
    /// <summary>The caller has the run's turn.</summary>
    /// <returns>Null when the database has all of it; otherwise why it never will.</returns>
    /// <exception cref="StoreUnavailableException">Not now.</exception>
    public async Task<string?> SaveAsync(LiveRun live)
    {
        var events = live.EventsAfter(live.Saved, out _);
        try
        {
            var (run, fault) = await database.WriteAsync(transaction => SaveAsync(transaction, live, events), CancellationToken.None);
            if (fault is not null)
                return fault;
            live.Accept(run);
            live.Saved += events.Count;
            return null;
        }
        catch (RefusedException refused)
        {
            return refused.Message; // Its key came with another body before.
        }
        catch (DbException refused) when (database.Dialect.IsRowRefused(refused))
        {
            return $"The database refuses it ({refused.SqlState}).";
        }
    }

    private async Task<(Run Run, string? Fault)> SaveAsync(DbTransaction transaction, LiveRun live, IReadOnlyList<RunEvent> events)
    {
        var (run, never) = (live.Run, CancellationToken.None);
        if (!live.IsAccepted)
        {
            // The answer to the COMMIT that accepted it may be all that got lost.
            run = await runs.FindAsync(transaction.Connection!, run.UserId, run.RunId, transaction)
                ?? await acceptance.AcceptAsync(transaction, run, live.Key, never);
            if (run.RunId != live.Run.RunId)
                return (run, $"Its Idempotency-Key had started run {run.RunId} before, which stands.");
        }

        if (!await runs.ProgressAsync(transaction, run.RunId, live.Entries))
        {
            // By an earlier try of ours, or by somebody who took it for dead.
            var ended = await runs.FindAsync(transaction.Connection!, run.UserId, run.RunId, transaction);
            var ours = ended?.Status == live.Ending?.Status && ended?.Entries == live.Entries;
            return (run, ours ? null : "The run was taken for dead.");
        }

        await runs.AppendMissingAsync(transaction, run.RunId, events, never);
        if (run.Fills)
        {
            var entries = events.Where(told => told.IsEntry).Select(told => RunFrames.Entry(told, run.RunId));
            await calendars.FillAsync(transaction, run.UserId, run.CalendarId, entries, never);
        }

        if (live.Ending is { } ending)
            await runs.FinishAsync(transaction, run.RunId, ending.Status, ending.Partial, ending.Message, live.Entries);
        return (run, null);
    }
}
