using Gateway.Exchanges;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Gateway.Fallback;

/// <summary>Shows the head of each backend's answer to the try that asked for it, after everybody else has read it.</summary>
internal sealed class AnswerHeadInspection : ITransformProvider
{
    public void Apply(TransformBuilderContext context) => context.AddResponseTransform(static transform =>
    {
        return transform.ProxyResponse is not null && transform.HttpContext.GetExchange().Try is Attempt attempt
            ? attempt.OnResponseAsync(transform) : default;
    });

    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }
}
