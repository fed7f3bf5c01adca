using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CalendarService.Channels;

internal static class ChannelsExtensions
{
    private const string AtStart = "at-start";

    public static IServiceCollection AddChannels(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(ChannelsOptions.Section);

        // The live options are never refused as a whole, so that a token mended in a file with another fault in it
        // counts at once; the program, though, does not start on a faulty file.
        services.AddOptions<ChannelsOptions>().Configure(options => options.Read(section));
        services.AddSingleton<IOptionsChangeTokenSource<ChannelsOptions>>(
            new ConfigurationChangeTokenSource<ChannelsOptions>(section));
        services.AddOptions<ChannelsOptions>(AtStart).Configure(options => options.Read(section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ChannelsOptions>>(new StartValidation());

        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton<ChannelRegistry>();
    }

    private sealed class StartValidation : IValidateOptions<ChannelsOptions>
    {
        public ValidateOptionsResult Validate(string? name, ChannelsOptions options) =>
            name == AtStart && options.Faults.Count > 0
                ? ValidateOptionsResult.Fail(options.Faults)
                : ValidateOptionsResult.Success;
    }
}
