namespace Gateway.DryRun;

internal static class DryRunExtensions
{
    public static IServiceCollection AddDryRun(this IServiceCollection services) => services
        .AddSingleton<GenerateDryRun>().AddSingleton<PublishDryRun>().AddSingleton<DryRunResponder>();
}
