using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Options;

public static class OptionsExtensions
{
    /// <summary>Binds <paramref name="section"/> and checks it when the host starts; every section's faults are reported at once.</summary>
    public static IServiceCollection AddChecked<T>(this IServiceCollection services, string section, Action<T, OptionFaults> check)
        where T : class
    {
        services.AddOptions<T>().BindConfiguration(section).ValidateOnStart();
        return services.AddSingleton<IValidateOptions<T>>(new CheckedOptions<T>(section, check));
    }

    private sealed class CheckedOptions<T>(string section, Action<T, OptionFaults> check) : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            var faults = new OptionFaults(section);
            check(options, faults);
            return faults.All.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults.All);
        }
    }
}
