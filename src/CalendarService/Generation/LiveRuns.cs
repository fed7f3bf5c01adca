using System.Collections.Concurrent;

namespace CalendarService.Generation;

/// <summary>The runs that this process works on, and the room for more. Ends them honestly when the process stops.</summary>
internal sealed class LiveRuns(GenerationOptions options, IHostApplicationLifetime lifetime) : IHostedService
{
    private readonly ConcurrentDictionary<string, LiveRun> _runs = new(StringComparer.Ordinal);
    private int _taken;
    private volatile bool _stopping;

    /// <summary>Takes room for one run.</summary>
    public bool TryReserve()
    {
        if (!_stopping && Interlocked.Increment(ref _taken) <= options.MaxConcurrentRuns)
            return true;
        if (!_stopping)
            Release();
        return false;
    }

    public void Release() => Interlocked.Decrement(ref _taken);

    public LiveRun? Find(string runId) => _runs.GetValueOrDefault(runId);

    public void Add(LiveRun run)
    {
        _runs[run.Run.RunId] = run;
        if (_stopping)
            run.Stop(StopReason.ShuttingDown);
    }

    public void Remove(LiveRun run)
    {
        if (_runs.TryRemove(run.Run.RunId, out _))
            Release();
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Not in StopAsync alone: the server waits for its open streams before that.
        lifetime.ApplicationStopping.Register(StopAll);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        StopAll();
        return Task.WhenAll(_runs.Values.Select(run => run.Ended)).WaitAsync(cancellationToken);
    }

    private void StopAll()
    {
        _stopping = true;
        foreach (var run in _runs.Values)
            run.Stop(StopReason.ShuttingDown);
    }
}
