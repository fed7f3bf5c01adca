using System.Data.Common;

namespace CalendarService.Storage;

/// <summary>
/// Connects and migrates, then looks at the database all the time: closes the circuit when it can be used, and opens it when it has
/// fallen silent, which a request would find out only by its command's timeout.
/// </summary>
internal sealed partial class StoreProbeWorker(
    StoreAddress address, Dialect dialect, Migrator migrator, StoreHealth health, StoreOptions options, TimeProvider clock,
    ILogger<StoreProbeWorker> logger)
    : BackgroundService
{
    // What lets the probe write but nobody else (a disk with a few bytes left) would open and close the circuit at every request.
    private const int MostRelapses = 3;
    private const int SteadyIntervals = 60;

    private readonly TaskCompletionSource _firstTry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _migrated;
    private long? _lastUp;
    private int _relapses;

    // The first try ends before the server listens, so that a healthy start never answers 503.
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await _firstTry.Task.WaitAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        foreach (var name in address.Ignored)
            LogIgnored(name);
        while (!stoppingToken.IsCancellationRequested)
        {
            await TryAsync(stoppingToken);
            _firstTry.TrySetResult();
            var pause = Task.Delay(health.IsUp ? options.ProbeInterval : options.ProbeInterval * (1 << _relapses), clock, stoppingToken);
            // Trouble is looked at without delay: mostly it was one session. WhenAny, because being told to stop is no error here.
            await Task.WhenAny(health.UpFor >= options.ProbeInterval ? Task.WhenAny(pause, health.Woken) : pause);
        }
    }

    private async Task TryAsync(CancellationToken cancel)
    {
        var (started, wasUp) = (clock.GetTimestamp(), health.IsUp);
        try
        {
            await MigrateAsync(cancel);
            // Abandoned, not cancelled: cancelling waits for the server.
            var access = await CheckAsync(write: !wasUp, cancel).WaitAsync(options.ProbeTimeout, clock, cancel);
            health.NoteAnswer();
            if (access == StoreAccess.Read)
                ReportReadOnly(null);
            else if (!wasUp)
                ReportUp();
        }
        catch (Exception error) when (!cancel.IsCancellationRequested)
        {
            Conclude(error, answeredMeanwhile: health.AnsweredWithin(clock.GetElapsedTime(started)));
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    private async Task MigrateAsync(CancellationToken cancel)
    {
        if (_migrated)
            return;
        try
        {
            await migrator.MigrateAsync(cancel);
            _migrated = true;
        }
        catch (DbException error) when (dialect.FaultOf(error) == StoreFault.WritesAway)
        {
            // It may be migrated already, and can be read then.
        }
    }

    private async Task<StoreAccess> CheckAsync(bool write, CancellationToken cancel)
    {
        try
        {
            return await migrator.CheckAsync(write, cancel);
        }
        catch (DbException error) when (dialect.FaultOf(error) is StoreFault.Away or StoreFault.Again)
        {
            return await migrator.CheckAsync(write, cancel); // That session may have died of idling; another one tells.
        }
    }

    private void Conclude(Exception error, bool answeredMeanwhile)
    {
        var fault = dialect.FaultOf(error);
        // Slow to the probe, as behind a pooler whose servers are all in use, but not to everybody; or so busy that it says so.
        if (fault == StoreFault.NotNow && health.IsReadable && (answeredMeanwhile || error is DbException { SqlState: not null }))
            return;
        if (fault == StoreFault.WritesAway)
        {
            ReportReadOnly(error);
            return;
        }

        dialect.ForgetConnections();
        health.ReportOutage(error);
    }

    private void ReportReadOnly(Exception? error)
    {
        if (health.Access != StoreAccess.Read)
            dialect.ForgetConnections(); // Some may lead to where it still is, or was, another one.
        health.ReportReadOnly(error);
    }

    private void ReportUp()
    {
        var steady = _lastUp is not { } last || clock.GetElapsedTime(last) >= options.ProbeInterval * SteadyIntervals;
        _relapses = steady ? 0 : Math.Min(_relapses + 1, MostRelapses);
        _lastUp = clock.GetTimestamp();
        dialect.ForgetConnections(); // First: who comes through the circuit must not be given a session that is read-only still.
        health.ReportUp(dialect.Description);
    }

    [LoggerMessage(LogLevel.Warning, "Ignored {Name} in ConnectionStrings:Calendar: it changes nothing for this program")]
    private partial void LogIgnored(string name);
}
