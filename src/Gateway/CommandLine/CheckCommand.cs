using System.CommandLine;
using Gateway.Configuration;
using Gateway.Snapshots;
using Gateway.Starting;
using Microsoft.Extensions.Options;
using ServiceDefaults.Listening;
using ServiceDefaults.Options;

namespace Gateway.CommandLine;

/// <summary>
/// <c>gateway check [DIR]</c>: every problem of a config folder at once; exit 0 when it can be used, else 1. Without DIR it is asked of a
/// start here: then the settings have to be legal too.
/// </summary>
internal static class CheckCommand
{
    public static Command Create(Func<string[], Task<WebApplication>> build)
    {
        var folder = new Argument<string?>("DIR")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "The config folder; the running one's by default.",
        };
        var json = CommandOutput.JsonOption();
        var command = new Command("check", "Validate a config folder.") { folder, json };
        command.SetAction(async (result, _) =>
        {
            var config = Open(result.GetValue(folder), Environment.GetEnvironmentVariable);
            var (revision, findings) = await CheckAsync(config);
            var asStart = result.GetValue(folder) is null;
            var valid = findings.All(f => f.Severity == FindingSeverity.Warning);
            var settings = asStart && valid ? await FindSettingFaultsAsync(build) : [];
            valid &= settings.Count == 0;
            if (result.GetValue(json))
            {
                result.WriteJson(new { folder = config.Path, valid, revision, findings, settings });
                return valid ? 0 : 1;
            }

            foreach (var finding in findings)
                result.WriteText($"{finding.Severity.ToString().ToLowerInvariant()}: {finding}");
            foreach (var fault in settings)
                result.WriteText($"error: settings: {fault}");
            result.WriteText(valid ? $"{config.Path}: valid, revision {revision}" : $"{config.Path}: refused");
            if (asStart)
                result.WriteText(ListeningAddresses.Describe(Startup.ReadSettings()));
            return valid ? 0 : 1;
        });
        return command;
    }

    /// <summary>Of a gateway that is made and not started: it needs a folder that can be used.</summary>
    private static async Task<IReadOnlyList<string>> FindSettingFaultsAsync(Func<string[], Task<WebApplication>> build)
    {
        try
        {
            await using var app = await build(["--Logging:LogLevel:Default=None"]);
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (Exception error) when (error.FindOptionFaults() is { } faults)
        {
            return faults;
        }
    }

    public static ConfigFolder Open(string? path, Func<string, string?> environmentVariable) => new(
        ConfigFolder.Find(path ?? Environment.GetEnvironmentVariable(ConfigFolder.EnvironmentVariable), Environment.CurrentDirectory),
        environmentVariable,
        Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? Environments.Production,
        Startup.FindListeners(Startup.ReadSettings()),
        TimeProvider.System);

    private static async Task<(string Revision, IReadOnlyList<ConfigFinding> Findings)> CheckAsync(ConfigFolder folder)
    {
        var files = folder.Read();
        try
        {
            return (files.Revision, (await folder.ParseAsync(files)).Warnings);
        }
        catch (ConfigurationRefusedException refused)
        {
            return (files.Revision, refused.Findings);
        }
    }
}
