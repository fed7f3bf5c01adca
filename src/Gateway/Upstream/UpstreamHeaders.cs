using System.Net;
using Gateway.Exchanges;
using Gateway.Wire;
using Microsoft.Extensions.Primitives;
using ServiceDefaults.Correlation;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Gateway.Upstream;

/// <summary>What the gateway adds to every request on its way to a backend.</summary>
internal static class UpstreamHeaders
{
    private const string UpgradeInsecure = "Upgrade-Insecure-Requests";

    public static void Apply(TransformBuilderContext context)
    {
        // Ours keep what a trusted peer said; YARP's Set would drop it and its Append would write "https, http".
        context.UseDefaultForwarders = false;
        // A route's own word about the Host stays the last one.
        var hostIsOurs = !context.RequestTransforms.Any(static transform => transform is RequestHeaderOriginalHostTransform);
        if (hostIsOurs)
            context.AddOriginalHost();
        // Its own transforms may have set any header; without them a header is there if the client sent it.
        var isTransformed = context.Route.Transforms is { Count: > 0 };
        context.AddRequestTransform(transform =>
        {
            if (hostIsOurs)
                SetHost(transform);
            OnRequest(transform, isTransformed);
            return default;
        });
        context.AddResponseTransform(static transform =>
        {
            UpstreamAnswer.Pass(transform);
            return default;
        });
        context.AddResponseTrailersTransform(static transform => new(ChunkedAnswer.EndAsync(transform.HttpContext)));
    }

    /// <summary>
    /// The client's, unless the destination names another: backends build their redirects and links from it. Over TLS it is the
    /// destination's in any case: the HTTP client names the session after it and asks for a certificate with that name, so that any client
    /// could make a connection fail.
    /// </summary>
    private static void SetHost(RequestTransformContext transform)
    {
        var asked = transform.HttpContext.Request.Host.Value;
        var headers = transform.ProxyRequest.Headers;
        // As it was written: the property would read it as a host, which costs more than all that follows.
        var set = headers.NonValidated.TryGetValues("Host", out var values) ? values.ToString() : null;
        if (set is not null && set != asked)
            return; // By one of the route's transforms.
        var named = transform.HttpContext.GetReverseProxyFeature().ProxiedDestination?.Model.Config.Host;
        if (string.IsNullOrEmpty(named) && !transform.DestinationPrefix.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
            named = asked;
        if (named != set)
            Set(transform, "Host", named, isThere: true);
    }

    private static void OnRequest(RequestTransformContext transform, bool isTransformed)
    {
        var context = transform.HttpContext;
        var inbound = context.Request.Headers;
        var exchange = context.GetExchange();
        ForwardedTarget.Apply(transform, exchange, isTransformed);
        transform.ProxyRequest.Options.Set(Exchange.ContextKey, context);
        var fields = exchange.Fields;
        Set(transform, RequestId.Header, fields.RequestId, isTransformed || inbound.ContainsKey(RequestId.Header));
        if (fields.Trace is { } trace && inbound.TraceParent.Count == 0)
            Set(transform, RequestTrace.Header, trace.ToHeader(), isTransformed);
        // The client's own were taken off when it was settled who asks.
        Set(transform, CallerHeaders.User, CallerHeaders.Encode(exchange.Caller.UserId), isTransformed);
        Set(transform, CallerHeaders.Groups,
            exchange.Caller.Groups.Count == 0 ? null : CallerHeaders.Encode(string.Join(',', exchange.Caller.Groups)), isTransformed);

        // The forwarder takes it for a hop-by-hop header because of its name.
        if (inbound.TryGetValue(UpgradeInsecure, out var upgrade))
            Set(transform, UpgradeInsecure, upgrade.ToString(), isThere: true);
        // The HTTP client cannot send the trailers that this announces.
        if (isTransformed || inbound.Trailer.Count > 0)
            transform.ProxyRequest.Headers.Remove("Trailer");
        SetForwarded(transform, inbound, isTransformed);
    }

    private static void SetForwarded(RequestTransformContext transform, IHeaderDictionary inbound, bool isTransformed)
    {
        var peer = transform.HttpContext.Connection.RemoteIpAddress;
        if (peer is { IsIPv4MappedToIPv6: true })
            peer = peer.MapToIPv4();
        var (fors, protos, hosts) = (inbound["X-Forwarded-For"], inbound["X-Forwarded-Proto"], inbound["X-Forwarded-Host"]);
        var (forwardedFor, proto, host) = (fors.ToString(), First(protos), First(hosts));
        if (inbound.TryGetValue("Forwarded", out var lines))
        {
            var said = ForwardedHeader.TryRead(lines);
            var kept = said?.AgreesWith(forwardedFor, proto, host) ?? false;
            Set(transform, "Forwarded", kept ? ForwardedHeader.Extend(lines, peer) : null, isThere: true);
            if (kept)
            {
                forwardedFor = forwardedFor.Length > 0 ? forwardedFor : said!.For;
                (proto, host) = (proto ?? said!.Proto, host ?? said!.Host);
            }
        }

        Set(transform, "X-Forwarded-For",
            forwardedFor.Length == 0 ? peer?.ToString() : $"{forwardedFor}, {peer}", isTransformed || fors.Count > 0);
        Set(transform, "X-Forwarded-Proto", proto ?? transform.HttpContext.Request.Scheme, isTransformed || protos.Count > 0);
        Set(transform, "X-Forwarded-Host", host ?? transform.HttpContext.Request.Host.Value, isTransformed || hosts.Count > 0);
    }

    private static string? First(StringValues inbound) => inbound.Count > 0 && !string.IsNullOrEmpty(inbound[0]) ? inbound[0] : null;

    /// <param name="isThere">Or may be: to look for it costs as much as to set it.</param>
    private static void Set(RequestTransformContext transform, string name, string? value, bool isThere)
    {
        var headers = transform.ProxyRequest.Headers;
        if (isThere)
            headers.Remove(name);
        if (!string.IsNullOrEmpty(value))
            headers.TryAddWithoutValidation(name, value);
    }
}
