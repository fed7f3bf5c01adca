using System.Net;
using System.Text;
using Gateway.Shutdown;
using Gateway.Streams;
using Gateway.Telemetry;
using Microsoft.Extensions.Options;
using ServiceDefaults.Tracing;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Upstream;

/// <summary>
/// YARP's client for a cluster, read from the bottom:
/// <code>
/// forwarder
///   ExchangeHandler      a failing backend is left alone, a head is not waited for without end, what stays open is watched
///   OnceHandler          nothing is sent twice behind our back
///   EarlyAnswerHandler   an answer passes while the upload is still under way
///   SocketsHttpHandler   connects by the Connector, over BackendConnection
/// </code>
/// </summary>
internal sealed class UpstreamClientFactory(
    Circuits circuits, Reachability reachability, StreamGuard streams, Upgrades upgrades, IOptions<UpstreamOptions> options,
    TraceContextPropagator traces, GatewayMetrics metrics, TimeProvider clock)
    : ForwarderHttpClientFactory
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectTimeout = options.Value.ConnectTimeout;
        var connector = new Connector(reachability, options.Value.ConnectTimeout, clock, Dns.GetHostAddressesAsync)
        {
            KeepAlive = options.Value.TcpKeepAlive,
        };
        handler.ConnectCallback = connector.ConnectAsync;
        handler.PooledConnectionLifetime = options.Value.ConnectionLifetime;
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always;
        handler.KeepAlivePingDelay = options.Value.Http2PingDelay;
        handler.KeepAlivePingTimeout = options.Value.Http2PingTimeout;
        // HTTP/2 reads and writes at the same time by itself.
        handler.PlaintextStreamFilter = static (connection, _) => new(
            connection.NegotiatedHttpVersion.Major == 1 ? new BackendConnection(connection.PlaintextStream) : connection.PlaintextStream);
        // Who makes no spans stamps what is missing itself (UpstreamHeaders) and is spared the client's own handler for it.
        handler.ActivityHeadersPropagator = traces.Traced ? new ReverseProxyPropagator(traces) : null;
        // As the listeners read and write them, unless the cluster's HttpClient says otherwise.
        handler.RequestHeaderEncodingSelector ??= static (_, _) => Encoding.Latin1;
        handler.ResponseHeaderEncodingSelector ??= static (_, _) => Encoding.Latin1;
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        new ExchangeHandler(
            new OnceHandler(new EarlyAnswerHandler(base.WrapHandler(context, handler))),
            streams, upgrades, circuits, elapsed => metrics.UpstreamAnswered(context.ClusterId, elapsed), clock);
}
