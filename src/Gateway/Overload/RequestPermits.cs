using System.Threading.RateLimiting;

namespace Gateway.Overload;

/// <summary>
/// What one request holds: a permit of its route and one of the backend that is being asked, until its answer turns out to be a stream.
/// Then it gives both back for one of the streams', so that what is open for hours keeps no request out.
/// </summary>
internal sealed class RequestPermits(Admission admission) : IDisposable
{
    private RateLimitLease? _route;
    private RateLimitLease? _backend;
    private RateLimitLease? _stream;

    /// <summary>The answer was a stream, and there was no room for one more.</summary>
    public bool StreamRefused { get; private set; }

    public ValueTask<bool> EnterRouteAsync(string routeId, CancellationToken cancel)
    {
        var entering = admission.EnterRouteAsync(routeId, cancel);
        return entering.IsCompletedSuccessfully ? new((_route = entering.Result).IsAcquired) : WaitAsync(entering);

        async ValueTask<bool> WaitAsync(ValueTask<RateLimitLease> waiting) => (_route = await waiting).IsAcquired;
    }

    public ValueTask<bool> EnterBackendAsync(string clusterId, CancellationToken cancel)
    {
        var entering = admission.EnterBackendAsync(clusterId, cancel);
        return entering.IsCompletedSuccessfully ? new((_backend = entering.Result).IsAcquired) : WaitAsync(entering);

        async ValueTask<bool> WaitAsync(ValueTask<RateLimitLease> waiting) => (_backend = await waiting).IsAcquired;
    }

    public void LeaveBackend()
    {
        _backend?.Dispose();
        _backend = null;
    }

    /// <returns>Whether the stream has room. Its head has not been passed on yet.</returns>
    public bool TryBecomeStream()
    {
        _stream ??= admission.EnterStream();
        if (!_stream.IsAcquired)
        {
            StreamRefused = true;
            return false;
        }

        LeaveBackend();
        _route?.Dispose();
        _route = null;
        return true;
    }

    public void Dispose()
    {
        LeaveBackend();
        _route?.Dispose();
        _stream?.Dispose();
    }
}
