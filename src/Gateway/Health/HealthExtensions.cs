using Yarp.ReverseProxy.Health;

namespace Gateway.Health;

internal static class HealthExtensions
{
    public static IServiceCollection AddHealthPolicy(this IServiceCollection services) =>
        services
        .AddSingleton<RiseFallHealthPolicy>()
        .AddSingleton<IActiveHealthCheckPolicy>(provider => provider.GetRequiredService<RiseFallHealthPolicy>());
}
