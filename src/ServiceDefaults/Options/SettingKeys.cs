using Microsoft.Extensions.DependencyInjection;

namespace ServiceDefaults.Options;

/// <summary>
/// Keys that somebody reads, as <c>Kestrel:Endpoints:*:Url</c>: <c>*</c> is any one name, and <c>**</c> at the end any names. Features
/// name theirs; those of options are known from their types.
/// </summary>
public sealed record SettingKeys(params IReadOnlyList<string> Patterns)
{
    /// <summary>Every pattern that the features registered so far name.</summary>
    public static IReadOnlyList<string> FindAll(IServiceCollection services)
    {
        IEnumerable<T> Registered<T>() => services.Where(service => !service.IsKeyedService)
            .Select(service => service.ImplementationInstance).OfType<T>();
        return [.. Registered<SettingKeys>().SelectMany(keys => keys.Patterns)
            .Concat(Registered<SettingsCheck>().Where(check => check.Section is not null)
                .SelectMany(check => PatternsOf(check.Section!, check.Shape!)))
            .Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    public static bool Matches(string pattern, string key)
    {
        var (names, given) = (pattern.Split(':'), key.Split(':'));
        for (var i = 0; i < names.Length; i++)
        {
            if (i == given.Length || given[i].Length == 0)
                return false;
            if (names[i] == "**")
                return true;
            if (names[i] != "*" && !names[i].Equals(given[i], StringComparison.OrdinalIgnoreCase))
                return false;
        }

        return names.Length == given.Length;
    }

    private static IEnumerable<string> PatternsOf(string path, Type options) => SettingsBinder.SettingsOf(options).SelectMany(property =>
    {
        var key = $"{path}:{property.Name}";
        return SettingsBinder.IsNested(property.PropertyType) ? PatternsOf(key, property.PropertyType)
            // A list as one value is told by the check, with how it is written.
            : SettingsBinder.IsValue(property.PropertyType) ? [key] : (string[])[key, $"{key}:**"];
    });
}
