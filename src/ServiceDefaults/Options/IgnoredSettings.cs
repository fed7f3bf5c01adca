using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Options;

/// <summary>
/// Names, at start, the settings of the checked sections that nobody reads. No reason to refuse the start: the version before this one has
/// to start with the settings of this one when it is rolled back to.
/// </summary>
internal sealed partial class IgnoredSettings(
    IConfiguration configuration, IEnumerable<SettingsCheck> checks, IHostEnvironment host, ILoggerFactory loggers) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var logger = loggers.CreateLogger(host.ApplicationName);
        foreach (var (key, known) in Find())
            LogIgnored(logger, key, known);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<(string Key, string Known)> Find()
    {
        SettingsCheck[] sections = [.. checks.Where(check => check.Section is not null)];
        var known = sections.SelectMany(check => NamesIn(check.Section!, check.Shape!))
            // Identity:Jwt is a section of its own, and a name in Identity.
            .Concat(sections.Select(check => (Path: ParentOf(check.Section!), Name: NameOf(check.Section!))))
            .ToLookup(setting => setting.Path, setting => setting.Name, StringComparer.OrdinalIgnoreCase);
        var read = sections.SelectMany(check => NamesIn(check.Section!, check.Shape!)).Select(setting => setting.Path);
        foreach (var path in read.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            foreach (var setting in configuration.GetSection(path).GetChildren())
            {
                if (!known[path].Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
                    yield return (setting.Path, string.Join(", ", known[path].Distinct().Order(StringComparer.Ordinal)));
            }
        }
    }

    private static IEnumerable<(string Path, string Name)> NamesIn(string path, Type options) => SettingsBinder.SettingsOf(options)
        .SelectMany(property => SettingsBinder.IsNested(property.PropertyType)
            ? NamesIn($"{path}:{property.Name}", property.PropertyType).Prepend((path, property.Name))
            : [(path, property.Name)]);

    private static string ParentOf(string section) => section[..Math.Max(0, section.LastIndexOf(':'))];

    private static string NameOf(string section) => section[(section.LastIndexOf(':') + 1)..];

    [LoggerMessage(LogLevel.Warning, "Ignored setting {Key}: not a known one; known here are {Known}")]
    private static partial void LogIgnored(ILogger logger, string key, string known);
}
