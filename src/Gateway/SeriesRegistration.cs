using Gateway.Accounting;
using Gateway.Overload;
using Gateway.Rollout.Control;
using Gateway.Snapshots;
using Gateway.Tls;
using Gateway.Upstream;

namespace Gateway;

internal static class SeriesRegistration
{
    /// <summary>Every series exists from the first scrape, also on a gateway that nobody has asked anything.</summary>
    public static void RegisterSeries(this IServiceProvider services)
    {
        services.GetRequiredService<KnownSeries>().Register();
        services.GetRequiredService<BackendGauges>().Register();
        services.GetRequiredService<PermitGauges>().Register();
        services.GetRequiredService<ConfigGauges>().Register();
        services.GetRequiredService<ServedCertificates>().Register();
        services.GetRequiredService<RolloutGauges>().Register();
    }
}
