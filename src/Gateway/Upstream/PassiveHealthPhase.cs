using Yarp.ReverseProxy.Configuration;

namespace Gateway.Upstream;

/// <summary>YARP's passive health checks, for the clusters that have them: they wait for the answer, which costs a frame a request.</summary>
internal static class PassiveHealthPhase
{
    public static void UsePassiveHealthChecksWhereEnabled(this IReverseProxyApplicationBuilder proxy) => proxy.Use(next =>
    {
        var branch = new Branch(proxy.New());
        branch.UsePassiveHealthChecks();
        branch.Run(next);
        var watched = branch.Build();
        return context => IsWatched(context.GetReverseProxyFeature().Cluster.Config) ? watched(context) : next(context);
    });

    private static bool IsWatched(ClusterConfig cluster) => cluster.HealthCheck?.Passive?.Enabled is true;

    private sealed class Branch(IApplicationBuilder inner) : IReverseProxyApplicationBuilder
    {
        public IServiceProvider ApplicationServices
        {
            get => inner.ApplicationServices;
            set => inner.ApplicationServices = value;
        }

        public IFeatureCollection ServerFeatures => inner.ServerFeatures;

        public IDictionary<string, object?> Properties => inner.Properties;

        public IApplicationBuilder Use(Func<RequestDelegate, RequestDelegate> middleware) => inner.Use(middleware);

        public IApplicationBuilder New() => inner.New();

        public RequestDelegate Build() => inner.Build();
    }
}
