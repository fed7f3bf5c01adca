using ServiceDefaults.Options;

namespace Gateway.Rollout.Overrides;

internal static class OverridesExtensions
{
    public static IServiceCollection AddOverrides(this IServiceCollection services) => services
        .AddChecked<OverrideOptions>(OverrideOptions.Section, OverrideOptions.Check)
        .AddSingleton<OverrideJudge>();
}
