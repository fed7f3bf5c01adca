namespace Gateway.Overload;

/// <summary><c>Overload</c>: how much is done at once. A stream holds its permits until it ends.</summary>
internal sealed class OverloadOptions
{
    /// <summary>Requests in flight on one route.</summary>
    public int RoutePermits { get; set; } = 2000;

    /// <summary>Requests in flight at one backend, over all routes.</summary>
    public int BackendPermits { get; set; } = 2000;

    /// <summary>Requests that may wait for a permit; short, because a long queue only makes answers late.</summary>
    public int Queue { get; set; } = 100;

    /// <summary>How long one may wait.</summary>
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(1);
}
