using System.Collections;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace ServiceDefaults.Options;

/// <param name="Key">As <c>Upstream:Circuit:Trials</c>.</param>
/// <param name="Default">As it would be written; null where there is none, or an empty one.</param>
/// <param name="Legal">The range; null where the rule is no range.</param>
public sealed record SettingReference(string Key, string? Default, string? Legal);

/// <summary>What the options of every checked section say of themselves, for the page about settings.</summary>
public static class SettingsReference
{
    public static IReadOnlyList<SettingReference> Read(IServiceProvider services) =>
        [.. services.GetServices<SettingsCheck>().Where(check => check.Shape is not null).SelectMany(Read)];

    private static IEnumerable<SettingReference> Read(SettingsCheck check)
    {
        var options = Activator.CreateInstance(check.Shape!, nonPublic: true)!;
        var faults = new OptionFaults(check.Section!);
        check.Rules!(options, faults);
        return Read(options, "").Select(setting => new SettingReference(
            $"{check.Section}:{setting.Key}", Write(setting.Value),
            faults.Ranges.TryGetValue(setting.Key, out var range) ? $"{WriteBound(range.Min)} to {WriteBound(range.Max)}" : null));
    }

    private static IEnumerable<(string Key, object? Value)> Read(object options, string path) =>
        SettingsBinder.SettingsOf(options.GetType()).SelectMany(property => SettingsBinder.IsNested(property.PropertyType)
            ? Read(property.GetValue(options)!, $"{path}{property.Name}:")
            : [(path + property.Name, property.GetValue(options))]);

    private static string? Write(object? value) => value switch
    {
        null or "" or IList { Count: 0 } => null,
        TimeSpan time when time.Ticks % TimeSpan.TicksPerSecond != 0 => time.ToString(@"hh\:mm\:ss\.fff", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private static string WriteBound(IFormattable bound) => bound is not TimeSpan time
        ? bound.ToString(null, CultureInfo.InvariantCulture)
        : time switch
        {
            { Ticks: 0 } => "0",
            { TotalMilliseconds: < 1000 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds} ms"),
            { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds} s"),
            { TotalMinutes: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes} min"),
            { TotalHours: < 24 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours} h"),
            { TotalDays: 1 } => "1 day",
            _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays} days"),
        };
}
