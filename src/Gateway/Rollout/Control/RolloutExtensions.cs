using Gateway.Rollout.Arms;
using Gateway.Snapshots;
using ServiceDefaults.Options;

namespace Gateway.Rollout.Control;

internal static class RolloutExtensions
{
    /// <summary>Counts what becomes of the arms, and moves ramps where the settings say so.</summary>
    public static IServiceCollection AddRollout(this IServiceCollection services)
    {
        services.AddSingleton<ArmRegistry>().AddSingleton<OwnEvidence>().AddSingleton<RolloutActions>().AddSingleton<RolloutGauges>();
        services.AddSingleton<ArmsWorker>().AddHostedService(provider => provider.GetRequiredService<ArmsWorker>());
        return services.AddRolloutController();
    }

    /// <summary>What moves ramps; on the evidence of gateways that the settings name, or of the one that it is part of.</summary>
    public static IServiceCollection AddRolloutController(this IServiceCollection services)
    {
        services.AddChecked<RolloutOptions>("Rollout", RolloutOptions.Check);
        services.AddSingleton(provider => new RolloutFolder(
            provider.GetRequiredService<ConfigFolder>(), provider.GetRequiredService<RolloutOptions>().StateDir,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<EvidenceSources>().AddSingleton<Transitions>();
        services.AddSingleton<RolloutNotices>().AddHostedService(provider => provider.GetRequiredService<RolloutNotices>());
        return services.AddSingleton<RolloutController>().AddHostedService(provider => provider.GetRequiredService<RolloutController>());
    }
}
