using Microsoft.Extensions.DependencyInjection.Extensions;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Gateway.Health;

internal static class HealthExtensions
{
    public static IServiceCollection AddHealthPolicy(this IServiceCollection services) =>
        services
        .AddSingleton<RiseFallHealthPolicy>()
        .AddSingleton<IActiveHealthCheckPolicy>(provider => provider.GetRequiredService<RiseFallHealthPolicy>());

    /// <summary>For a proxy that is only asked: YARP probes as soon as it has routes. To be called after YARP was added.</summary>
    public static IServiceCollection WithoutProbes(this IServiceCollection services) =>
        services.RemoveAll<IActiveHealthCheckMonitor>().AddSingleton<IActiveHealthCheckMonitor, NoProbes>();

    private sealed class NoProbes : IActiveHealthCheckMonitor
    {
        public bool InitialProbeCompleted => true;

        public Task CheckHealthAsync(IEnumerable<ClusterState> clusters) => Task.CompletedTask;
    }
}
