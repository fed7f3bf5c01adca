using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Costs;

/// <summary>
/// Counts what exchanges cost, in small batches. A count is the least that two batches agree on: probes, the look at the config folder and
/// the runtime itself work beside some of them, and where a thread was kept waiting an answer may be there before anybody waits for it.
/// </summary>
internal sealed class Counter : IDisposable
{
    private const int BatchSize = 8;
    private const int LeastBatches = 6;
    private const int MostBatches = 40;
    private const int Agreeing = 3;
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
            var scopes = Enumerable.Range(0, ScopeBatches).Select(_ => CountBatch(one).Scopes);
            costs[name] = costs[name] with { Scopes = scopes.Min() };
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
        var batches = new List<Counts>();
        do
            batches.Add(CountBatch(traffic));
        while (batches.Count < MostBatches && !IsSettled(batches));
        return Counts.Agreed(batches);
    }

    private static bool IsSettled(List<Counts> batches)
    {
        var agreed = Counts.Agreed(batches).Bytes;
        return batches.Count >= LeastBatches && batches.Count(batch => batch.Bytes == agreed) >= Agreeing;
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
