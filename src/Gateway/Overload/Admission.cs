using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Gateway.Overload;

/// <summary>
/// Concurrency limits with a short queue, one a route and one a backend, and one without a queue for all streams. What does not fit is
/// refused at once, not served late.
/// </summary>
internal sealed class Admission(IOptions<OverloadOptions> options, TimeProvider clock) : IDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrencyLimiter> _routes = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, ConcurrencyLimiter> _backends = new(StringComparer.OrdinalIgnoreCase);

    private readonly ConcurrencyLimiter _streams = Limiter(options.Value.StreamPermits, queue: 0);

    public ValueTask<RateLimitLease> EnterRouteAsync(string routeId, CancellationToken cancel) =>
        EnterAsync(_routes.GetOrAdd(routeId, static (_, o) => Limiter(o.RoutePermits, o.Queue), options.Value), cancel);

    public ValueTask<RateLimitLease> EnterBackendAsync(string clusterId, CancellationToken cancel) =>
        EnterAsync(_backends.GetOrAdd(clusterId, static (_, o) => Limiter(o.BackendPermits, o.Queue), options.Value), cancel);

    public RateLimitLease EnterStream() => _streams.AttemptAcquire();

    /// <summary>For each scope the permits held and those there are; of routes and of backends the fullest one counts.</summary>
    public IReadOnlyList<(string Scope, long InUse, int Limit)> ReadUse()
    {
        var o = options.Value;
        return
        [
            ("route", InUse(_routes.Values, o.RoutePermits), o.RoutePermits),
            ("backend", InUse(_backends.Values, o.BackendPermits), o.BackendPermits),
            ("streams", InUse([_streams], o.StreamPermits), o.StreamPermits),
        ];
    }

    public void Dispose()
    {
        _streams.Dispose();
        foreach (var limiter in _routes.Values.Concat(_backends.Values))
            limiter.Dispose();
    }

    private static ConcurrencyLimiter Limiter(int permits, int queue) => new(new ConcurrencyLimiterOptions
    {
        PermitLimit = permits,
        QueueLimit = queue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    private static long InUse(ICollection<ConcurrencyLimiter> limiters, int permits) =>
        limiters.Select(l => permits - l.GetStatistics()!.CurrentAvailablePermits).DefaultIfEmpty().Max();

    private ValueTask<RateLimitLease> EnterAsync(ConcurrencyLimiter limiter, CancellationToken cancel)
    {
        var lease = limiter.AttemptAcquire();
        return lease.IsAcquired ? new(lease) : WaitAsync(limiter, lease, cancel);
    }

    private async ValueTask<RateLimitLease> WaitAsync(ConcurrencyLimiter limiter, RateLimitLease refused, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(options.Value.QueueTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            return await limiter.AcquireAsync(1, either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return refused;
        }
    }
}
