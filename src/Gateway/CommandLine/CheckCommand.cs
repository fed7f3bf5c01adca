using System.CommandLine;
using Gateway.Configuration;
using Gateway.Routing;
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
        folder.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value.Length: 0 }])
                result.AddError("DIR is empty: a folder, or nothing at all.");
        });
        var json = CommandOutput.JsonOption();
        var command = new Command("check", "Validate a config folder.") { folder, json };
        command.SetAction(async (result, _) =>
        {
            var typed = result.GetValue(folder);
            var config = Open(typed, Environment.GetEnvironmentVariable);
            var (revision, findings) = await CheckAsync(config);
            var asStart = typed is null;
            var valid = findings.All(f => f.Severity == FindingSeverity.Warning);
            var settings = asStart && valid ? await FindSettingFaultsAsync(build) : [];
            valid &= settings.Count == 0;
            if (result.GetValue(json))
            {
                result.WriteJson(new { folder = config.Path, valid, revision, findings, settings });
                return valid ? 0 : 1;
            }

            var prefix = typed is null ? FromHere(config.Path) : Path.TrimEndingDirectorySeparator(typed);
            foreach (var finding in findings)
                result.WriteText(finding.ToLine(prefix));
            foreach (var fault in settings)
                result.WriteText($"error: settings: {fault}");
            if (typed is null && !Directory.Exists(config.Path))
            {
                result.WriteText(
                    $"No folder was named: neither DIR nor {ConfigFolder.EnvironmentVariable} says one, and there is no "
                    + $"config/{GatewayFile.Name} at or above {Environment.CurrentDirectory}.");
            }

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

    /// <summary>As a terminal and an editor find it from the working directory.</summary>
    private static string FromHere(string folder)
    {
        var here = Path.GetRelativePath(Environment.CurrentDirectory, folder);
        return here.StartsWith("..", StringComparison.Ordinal) ? folder : here;
    }

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
