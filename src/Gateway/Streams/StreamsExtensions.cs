using ServiceDefaults.Options;

namespace Gateway.Streams;

internal static class StreamsExtensions
{
    public static IServiceCollection AddStreams(this IServiceCollection services) =>
        services.AddChecked<StreamOptions>("Streams", StreamOptions.Check).AddSingleton<StreamGuard>().AddSingleton<Upgrades>();
}
