namespace CalendarService.Storage;

/// <summary>
/// The circuit in front of the database. The first outage opens it, so that the next request is refused in
/// microseconds instead of after a connect timeout; only the probe closes it again.
/// </summary>
internal sealed partial class StoreHealth(TimeProvider clock, ILogger<StoreHealth> logger)
{
    private readonly Lock _gate = new();
    private volatile string? _problem = "not connected yet";
    private volatile TaskCompletionSource _wake = NewSignal();
    private long _upSince;

    public bool IsUp => _problem is null;

    /// <summary>How long it has been up without a break; zero while it is away.</summary>
    public TimeSpan UpFor
    {
        get
        {
            lock (_gate)
                return IsUp ? clock.GetElapsedTime(_upSince) : TimeSpan.Zero;
        }
    }

    /// <summary>Why it is away, without any part of the connection string; null when it is up.</summary>
    public string? Problem => _problem;

    /// <summary>Completes when there is something to probe.</summary>
    public Task Woken => _wake.Task;

    public void ReportOutage(Exception error)
    {
        var problem = error.GetType().Name;
        bool changed;
        lock (_gate)
        {
            changed = _problem != problem;
            _problem = problem;
            _wake.TrySetResult();
        }

        if (changed)
            LogDown(problem, error);
    }

    public void ReportUp(string store)
    {
        lock (_gate)
        {
            _wake = NewSignal();
            _upSince = clock.GetTimestamp();
            _problem = null;
        }

        LogUp(store);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(LogLevel.Error, "Calendar store is away: {Problem}")]
    private partial void LogDown(string problem, Exception error);

    [LoggerMessage(LogLevel.Information, "Calendar store is up: {Store}")]
    private partial void LogUp(string store);
}
