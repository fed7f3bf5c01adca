using System.CommandLine;
using System.Globalization;
using Gateway.Configuration;
using Gateway.Diff;
using Gateway.Snapshots;
using ServiceDefaults.Logging;

namespace Gateway.CommandLine;

/// <summary>
/// <c>gateway diff OLD NEW</c>: who moves where, and what else changes. It compares two folders, so it takes the environment's key of every
/// flag as on; what is off there stays off whatever the files say.
/// </summary>
internal static class DiffCommand
{
    private const int MostPrinted = 20;

    public static Command Create()
    {
        var before = new Argument<string>("OLD") { Description = "The config folder in force." };
        var after = new Argument<string>("NEW") { Description = "The config folder to come." };
        var users = new Option<string?>("--users")
        {
            Description = "A file with a user a line: the id, then its groups, comma-separated; - is standard input. "
                + "Without it: shares of users, and whom the folders name.",
        };
        var all = new Option<bool>("--all") { Description = $"Print every move, not the first {MostPrinted} of a route." };
        var json = CommandOutput.JsonOption();
        var command = new Command("diff", "Say what changes between two config folders, and who moves to another backend.")
            { before, after, users, all, json };
        command.SetAction(async (result, _) =>
        {
            var warnings = new List<ConfigFinding>();
            var (was, becomes, callers) = await LoadAsync(
                result.GetValue(before)!, result.GetValue(after)!, result.GetValue(users), warnings);
            await using var old = new ComparedFolder(was);
            await using var next = new ComparedFolder(becomes);
            var (full, asJson) = (result.GetValue(all), result.GetValue(json));
            var population = callers is null
                ? Population.FromCohorts(was.Rollout.Cohorts.Values.Concat(becomes.Rollout.Cohorts.Values))
                : Population.FromFile(callers);
            var comparison = new FolderComparison(old, next, population, full || asJson ? int.MaxValue : MostPrinted);
            await comparison.RunAsync();
            var report = DiffReport.Create(old, next, comparison, warnings);
            if (asJson)
            {
                result.WriteJson(report);
                return;
            }

            Warn(result, warnings);
            foreach (var line in DiffText.Write(report, population.IsOfFile, full, MostPrinted))
                result.WriteText(line);
        });
        return command;
    }

    /// <exception cref="ConfigurationRefusedException">With what is wrong in either folder and in the file of users.</exception>
    private static async Task<(GatewaySnapshot Was, GatewaySnapshot Becomes, List<Exchanges.Caller>? Users)> LoadAsync(
        string before, string after, string? users, List<ConfigFinding> warnings)
    {
        var faults = new List<ConfigFinding>();
        var was = await TryAsync(() => LoadAsync(before), before);
        var becomes = await TryAsync(() => LoadAsync(after), after);
        var callers = users is null ? null : await TryAsync(() => Task.FromResult(UserFile.Read(users, warnings)), "");
        return faults.Count == 0 ? (was!, becomes!, callers) : throw new ConfigurationRefusedException(faults);

        async Task<T?> TryAsync<T>(Func<Task<T>> read, string folder)
            where T : class
        {
            try
            {
                return await read();
            }
            catch (ConfigurationRefusedException refused)
            {
                faults.AddRange(refused.Findings.Select(f => f with { File = Path.Combine(folder, f.File) }));
                return null;
            }
        }
    }

    private static Task<GatewaySnapshot> LoadAsync(string path)
    {
        var folder = CheckCommand.Open(path, _ => "true");
        return folder.ParseAsync(folder.Read());
    }

    private static void Warn(ParseResult result, List<ConfigFinding> warnings)
    {
        var errors = result.InvocationConfiguration.Error;
        foreach (var warning in warnings.Take(MostPrinted))
            errors.WriteLine(TerminalCharacters.Escape($"warning: {warning}"));
        if (warnings.Count > MostPrinted)
        {
            errors.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"warning: … and {warnings.Count - MostPrinted} more lines; --json has them"));
        }
    }
}
