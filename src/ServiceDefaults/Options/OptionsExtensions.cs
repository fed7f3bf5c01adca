using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Options;

public static class OptionsExtensions
{
    /// <summary>
    /// Binds <paramref name="section"/> and checks it when the host starts; every section's faults, values that are no value of their type
    /// included, are reported at once. The options can be injected as <see cref="IOptions{T}"/> and as themselves; both stay as at start.
    /// </summary>
    public static IServiceCollection AddChecked<T>(this IServiceCollection services, string section, Action<T, OptionFaults> check)
        where T : class
    {
        services.AddOptions<T>().Configure<IConfiguration>(
            (options, configuration) => SettingsBinder.Bind(configuration.GetSection(section), options));
        services.AddSingleton<IOptionsChangeTokenSource<T>>(provider =>
            new ConfigurationChangeTokenSource<T>(provider.GetRequiredService<IConfiguration>().GetSection(section)));
        services.AddSingleton<IValidateOptions<T>>(provider => new SectionValidation<T>(section, check, provider));
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<T>>().Value);
        return services.AddCheck(new SettingsCheck(
            section, typeof(T), provider => new SectionValidation<T>(section, check, provider).FindFaults())
        {
            Rules = (options, faults) => check((T)options, faults),
        });
    }

    /// <summary>Checks settings that no options type is bound from; their faults are reported with those of the sections.</summary>
    /// <param name="findFaults">Each with key, value and what is legal.</param>
    public static IServiceCollection AddCheck(
        this IServiceCollection services, Func<IConfiguration, IEnumerable<string>> findFaults) =>
        services.AddCheck(new SettingsCheck(null, null, provider => findFaults(provider.GetRequiredService<IConfiguration>())));

    private static IServiceCollection AddCheck(this IServiceCollection services, SettingsCheck check)
    {
        services.AddSingleton(check);
        services.AddOptions<EverySetting>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EverySetting>, EverySettingValidation>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, IgnoredSettings>());
        return services;
    }

    /// <summary>The faults that stopped the start, or null when it was something else.</summary>
    public static IReadOnlyList<string>? FindOptionFaults(this Exception error) => error switch
    {
        OptionsValidationException one => [.. one.Failures],
        AggregateException many when many.InnerExceptions.All(inner => inner is OptionsValidationException) =>
            [.. many.InnerExceptions.Cast<OptionsValidationException>().SelectMany(one => one.Failures).Distinct()],
        _ => null,
    };
}
