using Gateway.Exchanges;
using Yarp.ReverseProxy.Transforms;

namespace Gateway.Wire;

/// <summary>Sends a backend the target as the client wrote it, unless the route's own transforms have changed it.</summary>
internal static class ForwardedTarget
{
    // What is not a legal target's character never came this far; see RequestTarget.
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <param name="isTransformed">The route has transforms of its own.</param>
    public static void Apply(RequestTransformContext transform, Exchange exchange, bool isTransformed)
    {
        var context = transform.HttpContext;
        if ((isTransformed && HasChanged(transform))
            || (exchange.HasLenientReading && context.Features.Get<LenientReading>() is { HasDotSegments: true }))
        {
            return;
        }

        var target = RequestTarget.PathAndQuery(RequestTarget.ReadRaw(context));
        if (target.IsEmpty)
            return;
        var prefix = transform.DestinationPrefix.AsSpan().TrimEnd('/');
        transform.ProxyRequest.RequestUri = new Uri(string.Concat(prefix, target), AsWritten);
    }

    private static bool HasChanged(RequestTransformContext transform) =>
        transform.Path != transform.HttpContext.Request.Path
        || !string.Equals(transform.Query.QueryString.Value, transform.HttpContext.Request.QueryString.Value, StringComparison.Ordinal);
}
