using Gateway.Fallback;
using Gateway.Identity;
using Gateway.Identity.Jwt;
using Gateway.Overload;
using Gateway.Shutdown;
using Gateway.Streams;
using Gateway.Upstream;
using Gateway.Wire;
using ServiceDefaults.Options;

namespace Gateway;

/// <summary>Every setting outside the config folder, each with its legal range; all faults are reported at once when the gateway starts.</summary>
internal static class GatewayOptions
{
    public static IServiceCollection AddGatewayOptions(this IServiceCollection services)
    {
        services.AddChecked<IdentityOptions>("Identity", (o, faults) =>
        {
            for (var i = 0; i < o.TrustedProxies.Count; i++)
                faults.Require(TrustedPeers.IsLegal(o.TrustedProxies[i]), $"TrustedProxies:{i}", o.TrustedProxies[i], "an address or a network, as 10.0.0.0/8");
        });
        services.AddChecked<JwtOptions>("Identity:Jwt", JwtOptions.Check);
        services.AddChecked<LimitOptions>("Limits", LimitOptions.Check);
        services.AddChecked<StreamOptions>("Streams", (o, faults) =>
            faults.Within("IdleLimit", o.IdleLimit, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)));
        services.AddChecked<FallbackOptions>("Fallback", (o, faults) =>
        {
            faults.Within("ReplayBufferBytes", o.ReplayBufferBytes, 0, 16 * 1024 * 1024);
            faults.Within("ReplayShare", o.ReplayShare, 0, 1);
            faults.Within("ReplaysPerSecond", o.ReplaysPerSecond, 0, 1_000_000);
        });
        services.AddChecked<UpstreamOptions>("Upstream", (o, faults) =>
        {
            faults.Within("ConnectTimeout", o.ConnectTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
            faults.Within("Ramp", o.Ramp, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10));
        });
        services.AddChecked<CircuitOptions>("Upstream:Circuit", (o, faults) =>
        {
            faults.Within("FailureRatio", o.FailureRatio, 0.01, 1);
            faults.Within("MinimumThroughput", o.MinimumThroughput, 2, 1_000_000);
            faults.Within("SamplingDuration", o.SamplingDuration, TimeSpan.FromMilliseconds(500), TimeSpan.FromHours(1));
            faults.Within("BreakDuration", o.BreakDuration, TimeSpan.FromMilliseconds(500), TimeSpan.FromHours(1));
        });
        services.AddChecked<OverloadOptions>("Overload", (o, faults) =>
        {
            faults.Within("RoutePermits", o.RoutePermits, 1, 1_000_000);
            faults.Within("BackendPermits", o.BackendPermits, 1, 1_000_000);
            faults.Within("Queue", o.Queue, 0, 100_000);
            faults.Within("QueueTimeout", o.QueueTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        });
        services.AddChecked<ShutdownOptions>("Shutdown", (o, faults) =>
        {
            faults.Within("DrainDelay", o.DrainDelay, TimeSpan.Zero, TimeSpan.FromMinutes(5));
            faults.Within("StreamGrace", o.StreamGrace, TimeSpan.Zero, TimeSpan.FromHours(1));
        });
        return services;
    }
}
