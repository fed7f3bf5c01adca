using ServiceDefaults.Options;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Upstream;

internal static class UpstreamExtensions
{
    public static IServiceCollection AddUpstreams(this IServiceCollection services)
    {
        services.AddChecked<UpstreamOptions>("Upstream", UpstreamOptions.Check);
        services.AddChecked<CircuitOptions>("Upstream:Circuit", CircuitOptions.Check);
        services.AddSingleton<Circuits>();
        services.AddSingleton<Reachability>();
        services.AddSingleton<Backends>();
        services.AddSingleton<Patience>();
        services.AddSingleton<BackendGauges>();
        services.AddSingleton<IForwarderHttpClientFactory, UpstreamClientFactory>();
        services.AddReverseProxy().AddTransforms(UpstreamHeaders.Apply);
        return services;
    }
}
