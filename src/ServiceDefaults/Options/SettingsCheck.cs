using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Options;

/// <summary>A part of the settings, and how to find everything that is wrong with it.</summary>
/// <param name="Section">Null for keys that do not share a section.</param>
/// <param name="Shape">The type whose properties are the section's keys.</param>
internal sealed record SettingsCheck(string? Section, Type? Shape, Func<IServiceProvider, IEnumerable<string>> FindFaults)
{
    /// <summary>Holds options against the section's rules, whatever they come to.</summary>
    public Action<object, OptionFaults>? Rules { get; init; }

    /// <summary>Every fault of every part, in the order in which the parts were added.</summary>
    public static IReadOnlyList<string> FindAllFaults(IServiceProvider services) =>
        [.. services.GetServices<SettingsCheck>().SelectMany(check => check.FindFaults(services))];
}

/// <summary>What the host asks for at start in place of each section's options, so that one exception tells all faults.</summary>
internal sealed class EverySetting;

internal sealed class EverySettingValidation(IServiceProvider services) : IValidateOptions<EverySetting>
{
    public ValidateOptionsResult Validate(string? name, EverySetting options) =>
        SettingsCheck.FindAllFaults(services) is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
}

/// <summary>
/// Whoever asks for faulty options gets the faults of all sections. Kestrel and the host itself ask for theirs before the host validates:
/// without this, the section that is asked for first would hide the others' faults.
/// </summary>
internal sealed class SectionValidation<T>(string section, Action<T, OptionFaults> check, IServiceProvider services) : IValidateOptions<T>
    where T : class
{
    public ValidateOptionsResult Validate(string? name, T options)
    {
        var own = FindFaults(options);
        return own.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(SettingsCheck.FindAllFaults(services).Union(own));
    }

    /// <summary>For options that are made for this and not kept.</summary>
    public IReadOnlyList<string> FindFaults() => FindFaults(
        // No validation in here, which would come back to this check.
        new OptionsFactory<T>(services.GetServices<IConfigureOptions<T>>(), services.GetServices<IPostConfigureOptions<T>>())
            .Create(Microsoft.Extensions.Options.Options.DefaultName));

    private IReadOnlyList<string> FindFaults(T options)
    {
        var settings = services.GetRequiredService<IConfiguration>().GetSection(section);
        var faults = new OptionFaults(section, SettingsBinder.FindUnreadable(settings, typeof(T)));
        check(options, faults);
        return faults.All;
    }
}
