namespace CalendarService.Channels;

internal static class ChannelsExtensions
{
    public static IServiceCollection AddChannels(this IServiceCollection services, IConfiguration configuration)
    {
        _ = configuration;
        return services.AddSingleton<ChannelRegistry>();
    }
}
