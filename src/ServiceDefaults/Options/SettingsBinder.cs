using System.Collections;
using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace ServiceDefaults.Options;

/// <param name="Key">Below its section, as <c>OpenAI:Retries</c>.</param>
/// <param name="Expected">What a value of its type looks like.</param>
internal sealed record UnreadableValue(string Key, string Text, string Expected);

/// <summary>
/// Binds options with the framework's binder, which stops at the first value that it cannot read. Here such values are found first, all of
/// them, and left out, so that everything else can be bound and checked too.
/// </summary>
internal static class SettingsBinder
{
    public static void Bind(IConfigurationSection section, object options)
    {
        var unreadable = FindUnreadable(section, options.GetType()).Select(value => value.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (unreadable.Count == 0)
        {
            section.Bind(options);
            return;
        }

        var readable = section.AsEnumerable(makePathsRelative: true)
            .Where(setting => setting.Key.Length > 0 && setting.Value is not null && !unreadable.Contains(setting.Key));
        new ConfigurationBuilder().AddInMemoryCollection(readable).Build().Bind(options);
    }

    public static IEnumerable<UnreadableValue> FindUnreadable(IConfigurationSection section, Type options) =>
        FindInObject(section, options, "");

    /// <summary>The properties of options that are settings: those that can be set, lists, and options within options.</summary>
    public static IEnumerable<PropertyInfo> SettingsOf(Type options) => options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.SetMethod is { IsPublic: true } || !IsValue(property.PropertyType));

    /// <summary>Whether the type is itself a set of options, bound key by key.</summary>
    public static bool IsNested(Type type) => !IsValue(type) && ItemOf(type) is null;

    private static IEnumerable<UnreadableValue> FindInObject(IConfigurationSection section, Type options, string path) =>
        SettingsOf(options).SelectMany(property => Find(section.GetSection(property.Name), property.PropertyType, path + property.Name));

    private static IEnumerable<UnreadableValue> Find(IConfigurationSection setting, Type type, string key)
    {
        if (IsValue(type))
            return setting.Value is { } text && !CanRead(setting, type) ? [new(key, text, ExpectedOf(type))] : [];
        if (ItemOf(type) is not { } item)
            return FindInObject(setting, type, key + ":");
        if (!string.IsNullOrEmpty(setting.Value))
            return [new(key, setting.Value, $"a list, one value a key, the first as {key}:0")];
        return setting.GetChildren().SelectMany(child => Find(child, item, $"{key}:{child.Key}"));
    }

    private static bool CanRead(IConfigurationSection setting, Type type)
    {
        // By name alone: the binder would also take numbers, and several names with commas.
        if (type.IsEnum)
            return Enum.GetNames(type).Contains(setting.Value, StringComparer.OrdinalIgnoreCase);
        if ((Nullable.GetUnderlyingType(type) ?? type) == typeof(TimeSpan))
            return Durations.TryParse(setting.Value, out _);
        try
        {
            setting.Get(type);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    public static bool IsValue(Type type) => type == typeof(string) || TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string));

    private static Type? ItemOf(Type type) => type.IsArray ? type.GetElementType()
        : typeof(IEnumerable).IsAssignableFrom(type) && type.IsGenericType ? type.GetGenericArguments()[^1]
        : null;

    private static string ExpectedOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(TimeSpan) ? Durations.Expected
            : type == typeof(bool) ? "true or false"
            : type.IsEnum ? string.Join(" or ", Enum.GetNames(type))
            : type == typeof(double) || type == typeof(float) || type == typeof(decimal) ? "a number"
            : type.IsPrimitive ? "a whole number"
            : $"a {type.Name}";
    }
}
