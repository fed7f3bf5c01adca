using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Costs;

/// <summary>
/// Counts what exchanges cost. A count is the least of many small batches: probes, the look at the config folder and the runtime itself
/// work beside the requests, now and then, and never in all batches.
/// </summary>
internal sealed class Counter : IDisposable
{
    private const int BatchSize = 8;
    private const int Batches = 16;
    private const int ScopeBatches = 3;
    private const int WarmUps = 200;

    private readonly CountedGateway _gateway;
    private readonly ScopeCount _scopes = new();
    private readonly FileReads _reads = new();
    private long _activities;

    public Counter(CountedGateway gateway)
    {
        _gateway = gateway;
        Activity.CurrentChanged += CountStart;
    }

    /// <summary>Counts each case by its name.</summary>
    public IReadOnlyList<Cost> Count(IReadOnlyCollection<string> cases)
    {
        var traffic = cases.ToDictionary(name => name, name => CountedTraffic.Cases[name](_gateway), StringComparer.Ordinal);
        var costs = traffic.ToDictionary(one => one.Key, one => CountUnwatched(one.Value), StringComparer.Ordinal);
        // Last, because a provider that counts scopes makes the framework allocate for it.
        _gateway.Services.GetRequiredService<ILoggerFactory>().AddProvider(_scopes);
        ProveThatItCounts();
        foreach (var (name, one) in traffic)
        {
            costs[name] = costs[name] with { Scopes = CountLeast(one, ScopeBatches).Scopes };
            one.Dispose();
        }

        return [.. cases.Select(name => costs[name].PerExchange(name, BatchSize))];
    }

    public void Dispose()
    {
        Activity.CurrentChanged -= CountStart;
        _reads.Dispose();
        _scopes.Dispose();
    }

    private Counts CountUnwatched(CountedTraffic traffic)
    {
        for (var i = 0; i < WarmUps; i++)
            traffic.Exchange(pauses: false);
        return CountLeast(traffic, Batches);
    }

    private Counts CountLeast(CountedTraffic traffic, int batches)
    {
        var least = CountBatch(traffic);
        for (var i = 1; i < batches; i++)
            least = least.Least(CountBatch(traffic));
        return least;
    }

    private Counts CountBatch(CountedTraffic traffic)
    {
        var before = Read(traffic);
        for (var i = 0; i < BatchSize; i++)
            traffic.Exchange(pauses: true);
        traffic.Settle();
        return Read(traffic).Since(before);
    }

    private Counts Read(CountedTraffic traffic) => new(
        _activities,
        _scopes.Opened,
        ThreadPool.CompletedWorkItemCount,
        traffic.SegmentsToClient,
        traffic.SegmentsToBackend,
        _reads.Read(),
        -GC.GetAllocatedBytesForCurrentThread() - _gateway.Calendar.Allocated - _gateway.Legacy.Allocated
            + GC.GetTotalAllocatedBytes(precise: true));

    /// <summary>Not by a listener: where somebody listens, more is started.</summary>
    private void CountStart(object? sender, ActivityChangedEventArgs change)
    {
        if (change.Current is { } started && started.Parent == change.Previous)
            Interlocked.Increment(ref _activities);
    }

    /// <summary>A guard that counts nothing would be content with everything.</summary>
    private void ProveThatItCounts()
    {
        var (activities, scopes) = (_activities, _scopes.Opened);
        using (_gateway.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Costs").BeginScope("one"))
        using (new Activity("one").Start())
        {
        }

        if (_activities < activities + 1 || _scopes.Opened < scopes + 1)
            throw new InvalidOperationException("An activity or a scope was not counted.");
    }
}
