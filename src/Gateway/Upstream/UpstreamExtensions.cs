using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;

namespace Gateway.Upstream;

internal static class UpstreamExtensions
{
    public static IServiceCollection AddUpstreams(this IServiceCollection services)
    {
        services.AddSingleton<Circuits>();
        services.AddSingleton<Recovery>();
        services.AddSingleton<Backends>();
        services.AddSingleton<IActiveHealthCheckPolicy, RiseFallHealthPolicy>();
        services.AddSingleton<IForwarderHttpClientFactory, UpstreamClientFactory>();
        services.AddReverseProxy().AddTransforms(UpstreamHeaders.Apply);
        return services;
    }
}
