using CalendarService.Channels;
using CalendarService.Generation.Writers;
using CalendarService.Tests.Channels;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CalendarService.Tests.Generation.Writers;

/// <summary>The writer as the program registers it, with settings as an operator gives them.</summary>
internal sealed class WriterUnderTest : IAsyncDisposable
{
    public const string Key = "sk-test-0123456789abcdef";

    private readonly ServiceProvider _services;

    private WriterUnderTest(ServiceProvider services) => _services = services;

    public IServiceProvider Services => _services;

    public LogLines Log => _services.GetRequiredService<LogLines>();

    public IContentWriter Writer => _services.GetRequiredService<IContentWriter>();

    public static WriterUnderTest BuiltIn(string pace = "00:00:00") => With(new() { ["Writer:BuiltIn:Pace"] = pace });

    /// <param name="more">Settings beside those that every test of this writer has.</param>
    public static WriterUnderTest OpenAI(
        string baseUrl, int retries = 2, Dictionary<string, string?>? more = null, Action<IServiceCollection>? customise = null) =>
            With(new(more ?? [])
    {
        ["Writer:Kind"] = "OpenAI",
        ["Writer:OpenAI:BaseUrl"] = baseUrl,
        ["Writer:OpenAI:Model"] = "stub",
        ["Writer:OpenAI:ApiKey"] = Key,
        ["Writer:OpenAI:Retries"] = $"{retries}",
        ["Writer:OpenAI:RetryDelay"] = "00:00:00.010",
    }, customise);

    public static WriterUnderTest With(Dictionary<string, string?> settings, Action<IServiceCollection>? customise = null)
    {
        var lines = new LogLines();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var services = new ServiceCollection()
            .AddSingleton(lines)
            .AddLogging(logging => logging.AddProvider(lines).SetMinimumLevel(LogLevel.Trace))
            .AddSingleton<IConfiguration>(configuration)
            .AddChannels(configuration)
            .AddWriters();
        customise?.Invoke(services);
        return new(services.BuildServiceProvider());
    }

    public async Task<List<WriterItem>> WriteAsync(WritingBrief brief, CancellationToken cancel = default)
    {
        var items = new List<WriterItem>();
        await foreach (var item in ItemsAsync(brief, cancel))
            items.Add(item);
        return items;
    }

    /// <summary>Without the signs of life.</summary>
    public IAsyncEnumerable<WriterItem> ItemsAsync(WritingBrief brief, CancellationToken cancel = default) =>
        Writer.WriteAsync(brief, cancel).Where(item => item is not SignOfLife);

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}

internal static class Briefs
{
    public static readonly WritingBrief Coffee = new(
        "Launch week of our coffee subscription. Freshly roasted beans, fair prices, free delivery in Berlin.",
        new DateOnly(2026, 11, 23), Days: 2, PostsPerDay: 2, ["x", "linkedin"], "Europe/Berlin");

    private static readonly ChannelsUnderTest Channels = ChannelsUnderTest.With([]);

    /// <summary>Reads an AI's answer to the brief, for channels with the limits of their networks.</summary>
    public static AnswerReader ReaderFor(WritingBrief brief) => new(brief, new ChannelFit(brief.Channels, Channels.Registry));

    public static IReadOnlyList<string> AllChannels { get; } = [.. CalendarService.Channels.KnownChannels.All.Select(r => r.Channel)];
}
