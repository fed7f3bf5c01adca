using CalendarService.Identity;
using CalendarService.Requests;
using CalendarService.Runs;
using CalendarService.Storage;

namespace CalendarService.Generation;

/// <summary>Starts a generation: accepted by the database or, while that is away, in this process alone.</summary>
internal sealed class RunStarter(
    Database database, RunAcceptance acceptance, LiveRuns live, UnsavedRuns unsaved, RunWorker worker, TimeProvider clock)
{
    /// <returns>The run, and the live one when it is new: <see cref="Begin"/> it.</returns>
    public async Task<(Run Run, LiveRun? New)> StartAsync(
        string userId, GenerateCommand command, IdempotencyKey? key, string requestId, CancellationToken cancel)
    {
        // This process is asked before the database, which does not know the key of a run that it does not have yet.
        if (live.Find(key) is { } same)
            return (same.Run, null);
        if (!live.TryReserve())
        {
            throw new RefusedException(
                StatusCodes.Status503ServiceUnavailable, "too-many-runs", "Too many calendars are being generated. Try again soon.")
            {
                Headers = [(RefusalMiddleware.NotAccepted, "true"), ("Retry-After", "5")],
            };
        }

        LiveRun? started = null;
        try
        {
            // Nobody has a calendar of an id that was made just now; whether there is one of a given id, only the database knows.
            var run = new Run(
                Guid.CreateVersion7().ToString(), userId, command.CalendarId ?? CalendarId.New().Value, command, command.CalendarId is null,
                RunStatus.Running, true, null, 0, requestId, TimestampHandler.Round(clock.GetUtcNow()), null);
            (run, started) = await AcceptAsync(run, key, cancel);
            return (run, started);
        }
        finally
        {
            if (started is null)
                live.Release();
        }
    }

    /// <summary>Asks the writer, in the background.</summary>
    public void Begin(LiveRun run) => _ = Task.Run(() => worker.WorkAsync(run));

    private async Task<(Run Run, LiveRun? New)> AcceptAsync(Run run, IdempotencyKey? key, CancellationToken cancel)
    {
        try
        {
            var accepted = await database.WriteAsync(
                transaction => acceptance.AcceptAsync(transaction, run, key, cancel), cancel);
            if (accepted.RunId != run.RunId)
                return (accepted, null);
            var started = new LiveRun(accepted, key, clock) { Saved = 1 };
            started.Accept(accepted);
            started.Add([RunFrames.Meta(accepted)]);
            live.Add(started);
            return (accepted, started);
        }
        catch (StoreUnavailableException)
        {
            // Also when the commit may have happened: the run's id is fixed, and it is looked for before it is accepted again.
            using var room = unsaved.TryReserve();
            if (room is null)
                throw;
            var started = new LiveRun(run, key, clock);
            started.Add([RunFrames.Meta(run)]);
            if (live.TryAdd(started))
            {
                unsaved.Add(started);
                return (run, started);
            }

            // Two at once with one key.
            if (live.Find(key) is not { } same)
                throw;
            return (same.Run, null);
        }
    }
}
