using System.Text;
using Gateway.Shutdown;
using Gateway.Streams;
using Gateway.Telemetry;
using Microsoft.Extensions.Options;
using ServiceDefaults.Options;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Upstream;

/// <summary><c>Upstream</c>: how backends are connected to.</summary>
internal sealed class UpstreamOptions
{
    /// <summary>A backend that does not accept a connection within this time is passed over.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Over this time a backend that came back gets all its users back.</summary>
    public TimeSpan Ramp { get; set; } = TimeSpan.FromSeconds(2);

    public static void Check(UpstreamOptions o, OptionFaults faults)
    {
        faults.Within("ConnectTimeout", o.ConnectTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        faults.Within("Ramp", o.Ramp, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10));
    }
}

/// <summary>
/// YARP's client for a cluster, read from the bottom:
/// <code>
/// forwarder
///   StreamGuardHandler   an event stream always ends in a terminal frame
///   CircuitHandler       a failing backend is left alone
///   OnceHandler          nothing is sent twice behind our back
///   SocketsHttpHandler   connects within Upstream:ConnectTimeout
/// </code>
/// </summary>
internal sealed class UpstreamClientFactory(
    Circuits circuits, IOptionsMonitor<StreamOptions> streams, IOptions<UpstreamOptions> options,
    GatewayMetrics metrics, Drain drain, TimeProvider clock)
    : ForwarderHttpClientFactory
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectTimeout = options.Value.ConnectTimeout;
        // As the listeners read and write them, unless the cluster's HttpClient says otherwise.
        handler.RequestHeaderEncodingSelector ??= static (_, _) => Encoding.Latin1;
        handler.ResponseHeaderEncodingSelector ??= static (_, _) => Encoding.Latin1;
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        new StreamGuardHandler(
            new CircuitHandler(
                circuits.GetCircuit(context.ClusterId), elapsed => metrics.UpstreamAnswered(context.ClusterId, elapsed), clock,
                new OnceHandler(base.WrapHandler(context, handler))),
            streams, metrics, drain, clock);
}
