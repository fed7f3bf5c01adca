using Gateway.Exchanges;
using Gateway.Wire;
using ServiceDefaults.Correlation;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Gateway.Upstream;

/// <summary>What the gateway adds to every request on its way to a backend, and reads from every answer on its way back.</summary>
internal static class UpstreamHeaders
{
    public static void Apply(TransformBuilderContext context)
    {
        // Ours keep what a trusted peer said; YARP's Set would drop it and its Append would write "https, http".
        context.UseDefaultForwarders = false;
        context.AddRequestTransform(static transform =>
        {
            OnRequest(transform);
            return default;
        });
        context.AddResponseTransform(static transform =>
        {
            OnResponse(transform);
            return default;
        });
    }

    private static void OnRequest(RequestTransformContext transform)
    {
        var context = transform.HttpContext;
        var exchange = context.GetExchange();
        ForwardedTarget.Apply(transform);
        transform.ProxyRequest.Options.Set(Exchange.ContextKey, context);
        Set(transform, RequestId.Header, context.Features.GetRequiredFeature<RequestFields>().RequestId);
        Set(transform, CallerHeaders.User, CallerHeaders.Encode(exchange.Caller.UserId));
        Set(transform, CallerHeaders.Groups,
            exchange.Caller.Groups.Count == 0 ? null : CallerHeaders.Encode(string.Join(',', exchange.Caller.Groups)));

        var inbound = context.Request.Headers;
        var peer = context.Connection.RemoteIpAddress;
        if (peer is { IsIPv4MappedToIPv6: true })
            peer = peer.MapToIPv4();
        var forwardedFor = inbound["X-Forwarded-For"];
        Set(transform, "X-Forwarded-For", forwardedFor.Count == 0 ? peer?.ToString() : $"{forwardedFor}, {peer}");
        Set(transform, "X-Forwarded-Proto", FirstOr(inbound["X-Forwarded-Proto"], context.Request.Scheme));
        Set(transform, "X-Forwarded-Host", FirstOr(inbound["X-Forwarded-Host"], context.Request.Host.Value));
    }

    private static void OnResponse(ResponseTransformContext transform)
    {
        if (transform.ProxyResponse is not { } response)
            return;
        // What only the service knows about the request (docs/contract.md section 8).
        var fields = transform.HttpContext.Features.GetRequiredFeature<RequestFields>();
        var headers = response.Headers.NonValidated;
        if (headers.TryGetValues("X-Calendar-Id", out var calendarId))
            fields.CalendarId = calendarId.ToString();
        if (headers.TryGetValues("X-Run-Id", out var runId))
            fields.RunId = runId.ToString();
        if (headers.TryGetValues("X-Channels", out var channels))
            fields.Channel = channels.ToString();
    }

    private static string? FirstOr(Microsoft.Extensions.Primitives.StringValues inbound, string? ours) =>
        inbound.Count > 0 && !string.IsNullOrEmpty(inbound[0]) ? inbound[0] : ours;

    private static void Set(RequestTransformContext transform, string name, string? value)
    {
        var headers = transform.ProxyRequest.Headers;
        headers.Remove(name);
        if (!string.IsNullOrEmpty(value))
            headers.TryAddWithoutValidation(name, value);
    }
}
