namespace CalendarService.Storage;

/// <summary>Connects, migrates and closes the circuit: at start, and again whenever the database went away.</summary>
internal sealed class StoreProbeWorker(
    Dialect dialect, Migrator migrator, StoreHealth health, StoreOptions options, TimeProvider clock)
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
            // WhenAny, because being told to stop is no error here.
            await Task.WhenAny(up
                ? health.Woken.WaitAsync(stoppingToken)
                : Task.Delay(options.ProbeInterval, clock, stoppingToken));
        }
    }

    private async Task<bool> TryAsync(CancellationToken cancel)
    {
        try
        {
            if (_migrated)
                await migrator.CheckAsync(cancel);
            else
                await migrator.MigrateAsync(cancel);
            _migrated = true;
            health.ReportUp(dialect.Description);
            return true;
        }
        catch (Exception error) when (!cancel.IsCancellationRequested)
        {
            health.ReportOutage(error);
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
