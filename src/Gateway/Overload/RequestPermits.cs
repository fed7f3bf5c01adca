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

    public async ValueTask<bool> EnterRouteAsync(string routeId, CancellationToken cancel)
    {
        _route = await admission.EnterRouteAsync(routeId, cancel);
        return _route.IsAcquired;
    }

    public async ValueTask<bool> EnterBackendAsync(string clusterId, CancellationToken cancel)
    {
        _backend = await admission.EnterBackendAsync(clusterId, cancel);
        return _backend.IsAcquired;
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
