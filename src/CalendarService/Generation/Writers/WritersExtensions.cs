using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ServiceDefaults.Options;

namespace CalendarService.Generation.Writers;

internal static class WritersExtensions
{
    public static IServiceCollection AddWriters(this IServiceCollection services)
    {
        services.AddChecked<WriterOptions>(WriterOptions.Section, WriterOptions.Check);
        services.AddSingleton(new SettingKeys(OpenAIOptions.BaseUrlVariable, OpenAIOptions.ApiKeyVariable));
        services.AddOptions<WriterOptions>().PostConfigure<IConfiguration>((options, settings) => options.OpenAI.TakeDefaults(settings));
        services.TryAddSingleton(TimeProvider.System);

        services.AddSingleton<ChatCircuit>();
        services.AddHttpClient(ChatStream.HttpClient, http => http.Timeout = Timeout.InfiniteTimeSpan) // The caller has limits.
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
            .AddPolicyHandler((provider, _) => provider.GetRequiredService<ChatCircuit>().Policy);
        services.AddSingleton<ChatStream>();
        services.AddSingleton<BuiltInWriter>();
        services.AddSingleton<OpenAIWriter>();
        return services.AddSingleton<IContentWriter>(provider =>
            provider.GetRequiredService<IOptions<WriterOptions>>().Value.Kind switch
            {
                WriterKind.OpenAI => provider.GetRequiredService<OpenAIWriter>(),
                _ => provider.GetRequiredService<BuiltInWriter>(),
            });
    }
}
