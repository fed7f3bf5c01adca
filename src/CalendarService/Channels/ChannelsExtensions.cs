using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ServiceDefaults.Options;

namespace CalendarService.Channels;

internal static class ChannelsExtensions
{
    public static IServiceCollection AddChannels(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(ChannelsOptions.Section);

        // The live options are never refused as a whole, so that a token mended in a file with another fault in it
        // counts at once. The program, though, does not start on a faulty file.
        services.AddOptions<ChannelsOptions>().Configure(options => options.Read(section));
        services.AddSingleton<IOptionsChangeTokenSource<ChannelsOptions>>(
            new ConfigurationChangeTokenSource<ChannelsOptions>(section));
        services.AddSingleton(new SettingKeys($"{ChannelsOptions.Section}:**")); // The check knows which.
        services.AddCheck(_ => ChannelsOptions.FindFaults(section));

        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton<ChannelRegistry>();
    }
}
