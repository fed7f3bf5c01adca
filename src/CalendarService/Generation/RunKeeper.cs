using System.Data.Common;
using CalendarService.Calendars;
using CalendarService.Runs;
using CalendarService.Storage;

namespace CalendarService.Generation;

/// <summary>
/// Keeps what a run says before anybody hears it: in the database, so that a stream never shows what a reload would not; or,
/// while that is away, in this process, and then the stream says so.
/// </summary>
internal sealed partial class RunKeeper(
    Database database, RunStore runs, CalendarStore calendars, UnsavedRuns unsaved, TimeProvider clock, ILogger<RunKeeper> logger)
{
    /// <exception cref="OperationCanceledException">Another process declared the run dead.</exception>
    public async Task KeepAsync(LiveRun live, IReadOnlyList<RunEvent> events, IReadOnlyList<StoredEntry> entries)
    {
        using var turn = await live.TakeTurnAsync();
        var told = live.Entries + entries.Count;
        var fallsBehind = false;
        if (live.Keeping == RunKeeping.Saved)
        {
            fallsBehind = !await TryWriteAsync(transaction => AppendAsync(transaction, live, events, entries, told));
            live.Saved += fallsBehind ? 0 : events.Count;
        }

        live.Entries = told;
        live.Add(events);
        if (fallsBehind)
            unsaved.Add(live);
    }

    /// <summary>Ends it. The caller has the run's turn, and tells the events then.</summary>
    public async Task<IReadOnlyList<RunEvent>> EndAsync(LiveRun live, RunEnding ending)
    {
        if (live.Keeping == RunKeeping.Saved)
        {
            live.Ending = live.WasBehind ? ending.SavedAfterAll : ending;
            var events = EndEvents(live);
            if (await TryEndAsync(live, events))
            {
                live.Saved += events.Count;
                return events;
            }

            unsaved.Add(live);
        }

        live.Ending = live.Keeping == RunKeeping.Behind ? ending.NotSaved : ending;
        return EndEvents(live);
    }

    private async Task<bool> TryEndAsync(LiveRun live, IReadOnlyList<RunEvent> events)
    {
        try
        {
            return await TryWriteAsync(async transaction =>
            {
                var (runId, end) = (live.Run.RunId, live.Ending!);
                if (await runs.FinishAsync(transaction, runId, end.Status, end.Partial, end.Message, live.Entries))
                    await runs.AppendAsync(transaction, live.Run.RunId, events, CancellationToken.None);
            });
        }
        catch (Exception error)
        {
            LogEndNotSaved(error); // The sweep will mark it; listeners get their end now.
            return true;
        }
    }

    private IReadOnlyList<RunEvent> EndEvents(LiveRun live) =>
        RunFrames.End(live.NextSeq, live.Run, live.Ending!, live.Entries, clock.GetElapsedTime(live.Started));

    private async Task AppendAsync(
        DbTransaction transaction, LiveRun live, IReadOnlyList<RunEvent> events, IReadOnlyList<StoredEntry> entries, int told)
    {
        var run = live.Run;
        if (!await runs.ProgressAsync(transaction, run.RunId, told))
        {
            live.Stop(StopReason.Lost);
            throw new OperationCanceledException(live.Stopping);
        }

        await runs.AppendAsync(transaction, run.RunId, events, CancellationToken.None);
        if (run.Fills)
            await calendars.FillAsync(transaction, run.UserId, run.CalendarId, entries, CancellationToken.None);
    }

    /// <returns>False when the database is away; whether it has the work is found out when it is back.</returns>
    private async Task<bool> TryWriteAsync(Func<DbTransaction, Task> work)
    {
        try
        {
            await database.WriteAsync(work, CancellationToken.None);
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Error, "The end of the run could not be saved")]
    private partial void LogEndNotSaved(Exception error);
}
