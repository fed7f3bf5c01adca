using CalendarService.Channels;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CalendarService.Tests.Channels;

/// <summary>The registry as the program registers it, over configuration that a test can change.</summary>
internal sealed class ChannelsUnderTest : IDisposable
{
    private readonly ServiceProvider _services;

    private ChannelsUnderTest(IConfigurationRoot configuration)
    {
        Configuration = configuration;
        var lines = new LogLines();
        _services = new ServiceCollection()
            .AddSingleton(lines)
            .AddLogging(logging => logging.AddProvider(lines))
            .AddSingleton<IConfiguration>(configuration)
            .AddChannels(configuration)
            .BuildServiceProvider();
    }

    public IConfigurationRoot Configuration { get; }

    public ChannelRegistry Registry => _services.GetRequiredService<ChannelRegistry>();

    public LogLines Log => _services.GetRequiredService<LogLines>();

    public static ChannelsUnderTest With(Dictionary<string, string?> settings) =>
        From(new ConfigurationBuilder().AddInMemoryCollection(settings));

    public static ChannelsUnderTest From(IConfigurationBuilder configuration) => new(configuration.Build());

    /// <summary>What the host does before it starts.</summary>
    public IEnumerable<string> StartFaults()
    {
        try
        {
            _services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException error)
        {
            return error.Failures;
        }
    }

    public void Dispose() => _services.Dispose();
}
