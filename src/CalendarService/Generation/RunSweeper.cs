using CalendarService.Runs;
using CalendarService.Storage;
using CalendarService.Telemetry;

namespace CalendarService.Generation;

/// <summary>Ends the runs that a dead process left behind, so that nobody waits for them for ever.</summary>
internal sealed partial class RunSweeper(
    Database database, StoreHealth health, RunStore runs, GenerationOptions options, CalendarMetrics metrics, TimeProvider clock,
    ILogger<RunSweeper> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(options.Lease / 3, clock);
        try
        {
            do
                await SweepAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private async Task SweepAsync(CancellationToken cancel)
    {
        try
        {
            // No run can report while the database is away: when it is back, each has a whole lease to do so.
            if (health.UpFor < options.Lease)
                return;
            foreach (var run in await database.WriteAsync(transaction => EndDeadAsync(transaction, cancel), cancel))
            {
                using var scope = RunWorker.LogFieldsFor(run).Use();
                metrics.RunEnded(RunStatus.Error.ToLabel());
                LogDead(RunStatus.Error.ToLabel(), run.Entries);
            }
        }
        catch (StoreUnavailableException)
        {
            // It is logged where it was noticed; the next sweep finds the same runs.
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogSweepFailed(error);
        }
    }

    private async Task<IReadOnlyList<Run>> EndDeadAsync(System.Data.Common.DbTransaction transaction, CancellationToken cancel)
    {
        var ending = RunEnding.Error("run-lost", "The process that worked on this run is gone. What it had generated is saved.");
        var dead = await runs.DeadAsync(transaction, clock.GetUtcNow() - options.Lease);
        foreach (var run in dead)
        {
            await runs.FinishAsync(transaction, run.RunId, ending.Status, ending.Partial, ending.Message, run.Entries);
            var seq = await runs.LastSeqAsync(transaction, run.RunId) + 1;
            var events = RunFrames.End(seq, run, ending, run.Entries, clock.GetUtcNow() - run.CreatedAt);
            await runs.AppendAsync(transaction, run.RunId, events, cancel);
        }

        return dead;
    }

    [LoggerMessage(LogLevel.Warning, "Run of a dead process ended {Status} with {Entries} entries")]
    private partial void LogDead(string status, int entries);

    [LoggerMessage(LogLevel.Error, "The sweep for dead runs failed")]
    private partial void LogSweepFailed(Exception error);
}
