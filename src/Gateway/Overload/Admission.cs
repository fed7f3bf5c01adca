using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Gateway.Overload;

/// <summary>
/// Concurrency limits with a short queue, one a route and one a backend. What does not fit is refused at once, not served late.
/// </summary>
internal sealed class Admission(IOptions<OverloadOptions> options, TimeProvider clock) : IDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrencyLimiter> _routes = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, ConcurrencyLimiter> _backends = new(StringComparer.OrdinalIgnoreCase);

    public ValueTask<RateLimitLease> EnterRouteAsync(string routeId, CancellationToken cancel) =>
        EnterAsync(_routes.GetOrAdd(routeId, static (_, o) => Limiter(o.RoutePermits, o.Queue), options.Value), cancel);

    public ValueTask<RateLimitLease> EnterBackendAsync(string clusterId, CancellationToken cancel) =>
        EnterAsync(_backends.GetOrAdd(clusterId, static (_, o) => Limiter(o.BackendPermits, o.Queue), options.Value), cancel);

    public void Dispose()
    {
        foreach (var limiter in _routes.Values.Concat(_backends.Values))
            limiter.Dispose();
    }

    private static ConcurrencyLimiter Limiter(int permits, int queue) => new(new ConcurrencyLimiterOptions
    {
        PermitLimit = permits,
        QueueLimit = queue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

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
