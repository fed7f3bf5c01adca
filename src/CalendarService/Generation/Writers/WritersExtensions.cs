using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CalendarService.Generation.Writers;

internal static class WritersExtensions
{
    public static IServiceCollection AddWriters(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<WriterOptions>().Configure(options => options.Read(configuration)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<WriterOptions>>(new Validation());
        services.TryAddSingleton(TimeProvider.System);

        services.AddSingleton<ChatCircuit>();
        services.AddHttpClient(ChatStream.HttpClient, http => http.Timeout = Timeout.InfiniteTimeSpan)
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

    private sealed class Validation : IValidateOptions<WriterOptions>
    {
        public ValidateOptionsResult Validate(string? name, WriterOptions options) =>
            options.Faults.Count > 0 ? ValidateOptionsResult.Fail(options.Faults) : ValidateOptionsResult.Success;
    }
}
