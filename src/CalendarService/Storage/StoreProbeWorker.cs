namespace CalendarService.Storage;

/// <summary>Connects, migrates and closes the circuit: at start, and again whenever the database went away.</summary>
internal sealed partial class StoreProbeWorker(
    Dialect dialect, Migrator migrator, StoreHealth health, StoreOptions options, TimeProvider clock, ILogger<StoreProbeWorker> logger)
    : BackgroundService
{
    private readonly TaskCompletionSource _firstTry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _migrated;

    // The first try ends before the server listens, so that a healthy start never answers 503.
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await _firstTry.Task.WaitAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            var up = await TryAsync(stoppingToken);
            _firstTry.TrySetResult();
            if (up)
                await Task.WhenAny(health.Woken, Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken));
            else
                await Task.WhenAny(Task.Delay(options.ProbeInterval, clock, stoppingToken));
        }
    }

    private async Task<bool> TryAsync(CancellationToken cancel)
    {
        try
        {
            if (_migrated)
                await using (await dialect.OpenAsync(cancel))
                    await migrator.CheckAsync(cancel);
            else
                await migrator.MigrateAsync(cancel);
            _migrated = true;
            health.ReportUp(dialect.Description);
            return true;
        }
        catch (Exception error) when (!cancel.IsCancellationRequested)
        {
            LogTryFailed(dialect.Description, error.GetType().Name, error.Message);
            health.ReportOutage(error);
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Calendar store {Store} cannot be reached: {Error}: {Detail}")]
    private partial void LogTryFailed(string store, string error, string detail);
}
