using System.Collections.Concurrent;
using CalendarService.Requests;

namespace CalendarService.Generation;

/// <summary>
/// The runs that this process works on or still has to save, and the room for more. Ends them honestly when the process stops.
/// </summary>
internal sealed class LiveRuns(GenerationOptions options, IHostApplicationLifetime lifetime) : IHostedService
{
    private readonly ConcurrentDictionary<string, LiveRun> _runs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string User, string Key), LiveRun> _keys = [];
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

    /// <summary>The one that the key started here.</summary>
    /// <exception cref="RefusedException">The key came with another body then.</exception>
    public LiveRun? Find(IdempotencyKey? key)
    {
        if (key is null || !_keys.TryGetValue((key.UserId, key.Key), out var run))
            return null;
        return run.Key!.RequestHash == key.RequestHash ? run : throw RefusedException.KeyReused();
    }

    /// <summary>For a run that the database let have its key.</summary>
    public void Add(LiveRun run)
    {
        if (run.Key is { } key)
            _keys[(key.UserId, key.Key)] = run;
        AddWithoutKey(run);
    }

    /// <summary>For a run whose key nobody but this process knows.</summary>
    /// <returns>False when another run here has the key.</returns>
    public bool TryAdd(LiveRun run)
    {
        if (run.Key is { } key && !_keys.TryAdd((key.UserId, key.Key), run))
            return false;
        AddWithoutKey(run);
        return true;
    }

    /// <summary>It is in the database, or never will be. Its room was released when it ended.</summary>
    public void Remove(LiveRun run)
    {
        _runs.TryRemove(run.Run.RunId, out _);
        if (run.Key is { } key)
            _keys.TryRemove(new((key.UserId, key.Key), run));
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

    private void AddWithoutKey(LiveRun run)
    {
        _runs[run.Run.RunId] = run;
        if (_stopping)
            run.Stop(StopReason.ShuttingDown);
    }

    private void StopAll()
    {
        _stopping = true;
        foreach (var run in _runs.Values)
            run.Stop(StopReason.ShuttingDown);
    }
}
