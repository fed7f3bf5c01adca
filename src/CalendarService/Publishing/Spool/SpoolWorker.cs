using CalendarService.Storage;

namespace CalendarService.Publishing.Spool;

/// <summary>Looks after the spool: takes over what the dead left, and replays everything while the database is there.</summary>
internal sealed partial class SpoolWorker(
    SpoolAdopter adopter, SpoolDrain drain, SpoolWriter writer, SpoolAppender appender, SpoolIndex index, StoreHealth health,
    StoreOptions store, TimeProvider clock,
    ILogger<SpoolWorker> logger) : BackgroundService
{
    private string? _problem;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(store.ProbeInterval, clock);
        try
        {
            do
                await TryRoundAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // What still waits is on disk; the next process takes it over.
        }
    }

    private async Task TryRoundAsync(CancellationToken cancel)
    {
        try
        {
            await RoundAsync(cancel);
            _problem = null;
        }
        catch (StoreUnavailableException)
        {
            // It is logged where it was noticed; everything still waits.
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Once, not at every tick: a disk or a schema stays broken for a while.
            if (_problem != error.Message)
                LogFailed(error, index.Depth);
            _problem = error.Message;
        }
    }

    private async Task RoundAsync(CancellationToken cancel)
    {
        adopter.Adopt(appender.Folder);
        if (!health.IsUp)
            return;
        if (index.Oldest is not null)
        {
            LogDraining(index.Depth);
            await drain.DrainAsync(cancel);
            await writer.SealAsync();
            LogDrained();
        }

        adopter.LeaveDone();
    }

    [LoggerMessage(LogLevel.Information, "The database is there: {Depth} intents wait in the spool")]
    private partial void LogDraining(int depth);

    [LoggerMessage(LogLevel.Information, "The spool is empty")]
    private partial void LogDrained();

    [LoggerMessage(LogLevel.Error, "The spool's worker failed and will try again; {Depth} intents wait")]
    private partial void LogFailed(Exception error, int depth);
}
