using ServiceDefaults.Options;

namespace Gateway.Wire;

/// <summary><c>Limits</c>: how much of the gateway one client may hold. A body's size is a route's own matter.</summary>
internal sealed class LimitOptions
{
    public int RequestHeaders { get; set; } = 100;

    /// <summary>All headers of a request together.</summary>
    public int RequestHeaderBytes { get; set; } = 32 * 1024;

    public int RequestLineBytes { get; set; } = 8 * 1024;

    /// <summary>From the first byte of a request to the end of its headers.</summary>
    public TimeSpan RequestHeadersTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two requests of a connection.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(75);

    /// <summary>Bytes a second below which an upload is cut off; 0 for no limit.</summary>
    public double MinRequestBodyRate { get; set; } = 240;

    /// <summary>
    /// Bytes a second below which a client that does not take its answer is cut off; 0 for no limit. A quiet stream is not slow.
    /// </summary>
    public double MinResponseRate { get; set; } = 240;

    /// <summary>How long a client may be below either rate.</summary>
    public TimeSpan RateGracePeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Of each listener; one more is closed at once.</summary>
    public long Connections { get; set; } = 10_000;

    /// <summary>WebSockets and the like.</summary>
    public long UpgradedConnections { get; set; } = 2_000;

    /// <summary>
    /// Silence after which TCP asks a client whether it is still there; four questions without an answer, ten seconds apart, end the
    /// connection.
    /// </summary>
    public TimeSpan TcpKeepAlive { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Requests at once on one HTTP/2 connection.</summary>
    public int Http2Streams { get; set; } = 100;

    public static void Check(LimitOptions o, OptionFaults faults)
    {
        faults.Within("RequestHeaders", o.RequestHeaders, 10, 1000);
        faults.Within("RequestHeaderBytes", o.RequestHeaderBytes, 1024, 1024 * 1024);
        faults.Within("RequestLineBytes", o.RequestLineBytes, 256, 128 * 1024);
        faults.Within("RequestHeadersTimeout", o.RequestHeadersTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        faults.Within("KeepAliveTimeout", o.KeepAliveTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        faults.Within("MinRequestBodyRate", o.MinRequestBodyRate, 0, 1_000_000);
        faults.Within("MinResponseRate", o.MinResponseRate, 0, 1_000_000);
        // Kestrel looks once a second, and refuses a shorter grace.
        faults.Within("RateGracePeriod", o.RateGracePeriod, TimeSpan.FromMilliseconds(1001), TimeSpan.FromMinutes(5));
        faults.Within("Connections", o.Connections, 1, 10_000_000);
        faults.Within("UpgradedConnections", o.UpgradedConnections, 0, 10_000_000);
        faults.Within("TcpKeepAlive", o.TcpKeepAlive, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        faults.Within("Http2Streams", o.Http2Streams, 1, 10_000);
    }
}
