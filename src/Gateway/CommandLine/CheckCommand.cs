using System.CommandLine;
using Gateway.Configuration;
using Gateway.Snapshots;
using Gateway.Starting;
using ServiceDefaults.Listening;

namespace Gateway.CommandLine;

/// <summary><c>gateway check [DIR]</c>: every problem of a config folder at once; exit 0 when it can be used, else 1.</summary>
internal static class CheckCommand
{
    public static Command Create()
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
            var valid = findings.All(f => f.Severity == FindingSeverity.Warning);
            if (result.GetValue(json))
            {
                result.WriteJson(new { folder = config.Path, valid, revision, findings });
                return valid ? 0 : 1;
            }

            foreach (var finding in findings)
                result.WriteText($"{finding.Severity.ToString().ToLowerInvariant()}: {finding}");
            result.WriteText(valid ? $"{config.Path}: valid, revision {revision}" : $"{config.Path}: refused");
            if (result.GetValue(folder) is null)
                result.WriteText(ListeningAddresses.Describe(Startup.ReadSettings()));
            return valid ? 0 : 1;
        });
        return command;
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
