using CalendarService.Requests;
using CalendarService.Runs;

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

/// <summary>Where what a run has said is kept.</summary>
internal enum RunKeeping
{
    /// <summary>In the database, which has it before anybody hears it.</summary>
    Saved,

    /// <summary>Some or all of it in this process only: the database is, or was a moment ago, away.</summary>
    Behind,

    /// <summary>The database will never have the rest of it.</summary>
    Lost,
}

/// <summary>A run that this process works on or still has to save: everything that it has said so far, and who listens.</summary>
/// <param name="key">The one that it was started with, if any.</param>
internal sealed class LiveRun(Run run, IdempotencyKey? key, TimeProvider clock) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly List<RunEvent> _events = [];
    private volatile Run _run = run;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _changed = NewSignal();
    private int _listeners;
    private long _lastHeard = clock.GetTimestamp();

    /// <summary>As it was accepted, or would be.</summary>
    public Run Run => _run;

    public IdempotencyKey? Key => key;

    public long Started { get; } = clock.GetTimestamp();

    public CancellationToken Stopping => _stop.Token;

    public StopReason StopReason { get; private set; }

    public RunKeeping Keeping { get; set; }

    /// <summary>Why the database will never have it, for a person.</summary>
    public string? Fault { get; set; }

    /// <summary>Whether the database has its row.</summary>
    public bool IsAccepted { get; private set; }

    /// <summary>Whether anybody has been told that it is not saved yet.</summary>
    public bool WasBehind { get; set; }

    /// <summary>Events that the database has.</summary>
    public int Saved { get; set; }

    /// <summary>Entries among the events.</summary>
    public int Entries { get; set; }

    /// <summary>Null while it runs.</summary>
    public RunEnding? Ending { get; set; }

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

    public void Accept(Run accepted) => (_run, IsAccepted) = (accepted, true);

    /// <summary>Waits for the right to save it, or to add to it what is saved later, until the result is disposed.</summary>
    public async Task<IDisposable> TakeTurnAsync()
    {
        await _turn.WaitAsync();
        return new Turn(_turn);
    }

    public void End() => _ended.TrySetResult();

    /// <param name="changed">Completes when there is more than was returned.</param>
    public IReadOnlyList<RunEvent> EventsAfter(long seq, out Task changed)
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
    public TimeSpan UnheardFor()
    {
        lock (_gate)
            return _listeners > 0 ? TimeSpan.Zero : clock.GetElapsedTime(_lastHeard);
    }

    public void Dispose()
    {
        _stop.Dispose();
        _turn.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }

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
