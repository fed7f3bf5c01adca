namespace CalendarService.Generation;

/// <summary>Why a run is stopped before its writer is finished.</summary>
internal enum StopReason
{
    None,
    Cancelled,
    Abandoned,
    ShuttingDown,

    /// <summary>Another process declared it dead.</summary>
    Lost,
}

/// <summary>A run that this process works on: everything that it has said so far, and who listens.</summary>
internal sealed class LiveRun(Run run, TimeProvider clock) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<RunEvent> _events = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _changed = NewSignal();
    private int _listeners;
    private long _lastHeard = clock.GetTimestamp();

    public Run Run => run;

    public long Started { get; } = clock.GetTimestamp();

    public CancellationToken Stopping => _stop.Token;

    public StopReason StopReason { get; private set; }

    /// <summary>Completes after the last event was added.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Sequence numbers are places in the list, from 1.</summary>
    public long NextSeq => _events.Count + 1;

    public void Add(IReadOnlyList<RunEvent> events)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _events.AddRange(events);
            (changed, _changed) = (_changed, NewSignal());
        }

        changed.TrySetResult();
    }

    public void End() => _ended.TrySetResult();

    /// <param name="changed">Completes when there is more than was returned.</param>
    public IReadOnlyList<RunEvent> After(long seq, out Task changed)
    {
        lock (_gate)
        {
            changed = _changed.Task;
            return seq >= _events.Count ? [] : _events.GetRange((int)seq, _events.Count - (int)seq);
        }
    }

    public void Stop(StopReason reason)
    {
        lock (_gate)
        {
            if (StopReason != StopReason.None || _ended.Task.IsCompleted)
                return;
            StopReason = reason;
        }

        _stop.Cancel();
    }

    /// <summary>Counts a listener until the result is disposed.</summary>
    public IDisposable Listen()
    {
        lock (_gate)
            _listeners++;
        return new Listener(this);
    }

    /// <summary>How long nobody in this process has listened.</summary>
    public TimeSpan Unheard()
    {
        lock (_gate)
            return _listeners > 0 ? TimeSpan.Zero : clock.GetElapsedTime(_lastHeard);
    }

    public void Dispose() => _stop.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Listener(LiveRun run) : IDisposable
    {
        public void Dispose()
        {
            lock (run._gate)
            {
                run._listeners--;
                run._lastHeard = run.Clock.GetTimestamp();
            }
        }
    }

    private TimeProvider Clock => clock;
}
