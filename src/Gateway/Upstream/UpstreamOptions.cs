using ServiceDefaults.Options;

namespace Gateway.Upstream;

/// <summary><c>Upstream</c>: how backends are connected to.</summary>
internal sealed class UpstreamOptions
{
    /// <summary>A backend that does not accept a connection within this time is passed over.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// After this time a connection is used for nothing new, so that a backend whose name has moved is followed; names are looked up
    /// for every new connection.
    /// </summary>
    public TimeSpan ConnectionLifetime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>An HTTP/2 connection on which nothing comes for this long is asked for a sign of life.</summary>
    public TimeSpan Http2PingDelay { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Without an answer to that within this time, the connection is dead.</summary>
    public TimeSpan Http2PingTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>For the head of an answer, on a guarded route from whoever stands behind its backend.</summary>
    public TimeSpan HeadTimeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>The same where streams are counted only: what has no head yet may be a long poll.</summary>
    public TimeSpan PollTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Silence after which TCP asks a backend whether it is still there: what is quiet is not cut, so the dead have to be found in
    /// another way. Four questions without an answer, ten seconds apart, end the connection.
    /// </summary>
    public TimeSpan TcpKeepAlive { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Over this time a backend that came back gets all its users back.</summary>
    public TimeSpan Ramp { get; set; } = TimeSpan.FromSeconds(2);

    public static void Check(UpstreamOptions o, OptionFaults faults)
    {
        faults.Within("ConnectTimeout", o.ConnectTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        faults.Within("ConnectionLifetime", o.ConnectionLifetime, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));
        // The client underneath takes nothing shorter than a second.
        faults.Within("Http2PingDelay", o.Http2PingDelay, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        faults.Within("Http2PingTimeout", o.Http2PingTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        faults.Within("HeadTimeout", o.HeadTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        faults.Within("PollTimeout", o.PollTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));
        faults.Within("TcpKeepAlive", o.TcpKeepAlive, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        faults.Within("Ramp", o.Ramp, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10));
    }
}
