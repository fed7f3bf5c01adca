using Microsoft.Extensions.Options;

namespace CalendarService.Configuration;

/// <summary>Binds options at start and collects every fault, so that an operator sees all of them at once.</summary>
internal sealed partial class OptionsReader(IConfiguration configuration)
{
    private readonly List<string> _faults = [];
    private readonly List<(string Key, string Known)> _ignored = [];

    /// <summary>Binds key by key, because the binder stops at the first value that does not parse.</summary>
    public T Read<T>(string section)
        where T : class, new()
    {
        var options = new T();
        foreach (var property in typeof(T).GetProperties())
        {
            var key = $"{section}:{property.Name}";
            if (configuration[key] is not { } text)
                continue;
            try
            {
                property.SetValue(options, configuration.GetValue(property.PropertyType, key));
            }
            catch (InvalidOperationException)
            {
                Fault(key, text, $"not a {Word(property.PropertyType)}");
            }
        }

        var known = typeof(T).GetProperties().Select(property => property.Name).Order(StringComparer.Ordinal).ToArray();
        foreach (var child in configuration.GetSection(section).GetChildren())
        {
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                _ignored.Add((child.Path, string.Join(", ", known)));
        }

        return options;
    }

    /// <summary>
    /// Names the settings that nobody reads. No reason to refuse the start: the version before this one has to start with the settings of
    /// this one when it is rolled back to.
    /// </summary>
    public void TellIgnored(ILogger logger)
    {
        foreach (var (key, known) in _ignored)
            LogIgnored(logger, key, known);
    }

    public void Range<T>(string key, T value, T lowest, T highest)
        where T : IComparable<T>
    {
        if (value.CompareTo(lowest) < 0 || value.CompareTo(highest) > 0)
            Fault(key, $"{value}", $"legal is {lowest} to {highest}");
    }

    public void Fault(string key, string value, string problem) => _faults.Add($"{key} = {value}: {problem}");

    /// <summary>Adds what the features' own startup validation finds.</summary>
    public void Collect(IServiceProvider services)
    {
        try
        {
            services.GetService<IStartupValidator>()?.Validate();
        }
        catch (OptionsValidationException one)
        {
            _faults.AddRange(one.Failures);
        }
        catch (AggregateException many) when (many.InnerExceptions.All(inner => inner is OptionsValidationException))
        {
            _faults.AddRange(many.InnerExceptions.Cast<OptionsValidationException>().SelectMany(one => one.Failures));
        }
    }

    /// <exception cref="InvalidConfigurationException">Lists every fault.</exception>
    public void ThrowIfFaulty()
    {
        if (_faults.Count > 0)
            throw new InvalidConfigurationException(_faults);
    }

    [LoggerMessage(LogLevel.Warning, "Ignored setting {Key}: not a known one; known here are {Known}")]
    private static partial void LogIgnored(ILogger logger, string key, string known);

    private static string Word(Type type) =>
        type == typeof(TimeSpan) ? "time span (d.hh:mm:ss.fff)" : type == typeof(bool) ? "true or false" : "number";
}
