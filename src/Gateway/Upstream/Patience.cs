using System.Runtime.CompilerServices;
using Gateway.Exchanges;
using Gateway.Streams;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Gateway.Upstream;

/// <summary>
/// How long nothing may move. The forwarder has one patience for a request's whole life, and a feed, a long poll or a WebSocket may be
/// quiet for as long as it likes once it is open. So those get a forwarder without one, and their heads a patience of their own. A cluster
/// whose file says <c>HttpRequest:ActivityTimeout</c> has said how quiet is too quiet, for all of them.
/// </summary>
internal sealed class Patience(IOptions<UpstreamOptions> options)
{
    private readonly ConditionalWeakTable<ClusterModel, ClusterModel> _patient = [];

    /// <summary>Once a try, when its cluster is known.</summary>
    public void Grant(HttpContext context, UpstreamTry attempt, RoutePolicy route, Backend backend)
    {
        attempt.Patience = null;
        var proxy = (ReverseProxyFeature)attempt.Proxy;
        if (proxy.Cluster.Config.HttpRequest?.ActivityTimeout is not null)
            return;
        var counted = route.Streams == StreamRule.Count;
        // On a guarded route that is who stands behind the primary backend, whose dialect may be another.
        if (!counted && backend == route.Chain[0] && !IsUpgrade(context))
            return;
        proxy.Cluster = _patient.GetValue(proxy.Cluster, WithoutEnd);
        var head = new HeadPatience(counted ? options.Value.PollTimeout : options.Value.HeadTimeout);
        attempt.Patience = head;
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true && context.Request.Body is not WholeBody)
            context.Request.Body = new WatchedUpload(context.Request.Body, head);
    }

    private static ClusterModel WithoutEnd(ClusterModel cluster) => new(
        cluster.Config with
        {
            HttpRequest = (cluster.Config.HttpRequest ?? ForwarderRequestConfig.Empty) with { ActivityTimeout = Timeout.InfiniteTimeSpan },
        },
        cluster.HttpClient);

    private static bool IsUpgrade(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        || (HttpMethods.IsConnect(context.Request.Method)
            && context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true });

    /// <summary>An upload that moves is no silence: the backend has not been asked everything yet.</summary>
    private sealed class WatchedUpload(Stream inner, HeadPatience patience) : ForwardOnlyStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            patience.BeginAgain();
            return read;
        }
    }
}
