using ServiceDefaults.Options;

namespace Gateway.Overload;

/// <summary><c>Overload</c>: how much is done at once. What turns out to be a stream counts among streams only.</summary>
internal sealed class OverloadOptions
{
    /// <summary>Requests in flight on one route.</summary>
    public int RoutePermits { get; set; } = 2000;

    /// <summary>Requests in flight at one backend, over all routes.</summary>
    public int BackendPermits { get; set; } = 2000;

    /// <summary>
    /// Event streams and upgraded connections open at once, over all routes. Fewer than the connections of a listener, so that there are
    /// always some left to ask on.
    /// </summary>
    public int StreamPermits { get; set; } = 8000;

    /// <summary>Requests that may wait for a permit; short, because a long queue only makes answers late.</summary>
    public int Queue { get; set; } = 100;

    /// <summary>How long one may wait.</summary>
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(1);

    public static void Check(OverloadOptions o, OptionFaults faults)
    {
        faults.Within("RoutePermits", o.RoutePermits, 1, 1_000_000);
        faults.Within("BackendPermits", o.BackendPermits, 1, 1_000_000);
        faults.Within("StreamPermits", o.StreamPermits, 1, 1_000_000);
        faults.Within("Queue", o.Queue, 0, 100_000);
        faults.Within("QueueTimeout", o.QueueTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
    }
}
