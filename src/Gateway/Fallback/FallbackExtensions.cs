using ServiceDefaults.Options;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Gateway.Fallback;

internal static class FallbackExtensions
{
    public static IServiceCollection AddFallback(this IServiceCollection services) => services
        .AddChecked<FallbackOptions>("Fallback", FallbackOptions.Check)
        .AddSingleton<ReplayBudget>()
        .AddSingleton<LoopCheck>()
        .AddSingleton<OverrideRequests>()
        .AddSingleton<ITransformProvider, AnswerHeadInspection>();

    /// <summary>Runs what follows it once a try.</summary>
    public static IApplicationBuilder UseFallback(this IApplicationBuilder proxy) => proxy.UseMiddleware<FallbackMiddleware>();
}
