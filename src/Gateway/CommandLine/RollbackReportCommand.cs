using System.CommandLine;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Listening;
using Gateway.Snapshots;
using ServiceDefaults.Logging;

namespace Gateway.CommandLine;

/// <summary>
/// <c>gateway rollback-report</c>: what users would no longer see after a rollback. The service counts; who would be moved is said by the
/// config folder, where there is one at hand.
/// </summary>
internal static class RollbackReportCommand
{
    /// <summary>The service's <c>Admin:Key</c>, for whoever asks.</summary>
    private const string KeyVariable = "CALENDAR_ADMIN_KEY";

    private const string Cluster = "calendar";
    private const string UsualAddress = "http://127.0.0.1:8081";

    /// <summary>The service's own limit is below this one.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly Option<string?> Service = AddressOption.Create(
        "--service", $"The calendar service; by default that of the cluster {Cluster}, else {UsualAddress}.");
    private static readonly Option<string?> KeyFileOption = new("--key-file")
    {
        Description = $"A file with the service's Admin:Key; by default the variable {KeyVariable}.",
    };
    private static readonly Option<string?> Config = new("--config") { Description = "The config folder; the running one's by default." };
    private static readonly Option<int> Limit = new("--limit")
    {
        Description = "The most users that are named, 1 to 1000; 100 by default.", DefaultValueFactory = _ => 100,
    };
    private static readonly Option<bool> Json = CommandOutput.JsonOption();
    private static readonly Option<bool> Csv = new("--csv") { Description = "Write the users as CSV." };

    static RollbackReportCommand() => Limit.Validators.Add(static result =>
    {
        if (result.GetValueOrDefault<int>() is not (>= 1 and <= 1000))
            result.AddError("--limit takes 1 to 1000.");
    });

    public static Command Create()
    {
        var command = new Command("rollback-report", "Say what is only in the calendar service, and who would no longer see it.")
        {
            Service, KeyFileOption, Config, Limit, Json, Csv,
        };
        command.Validators.Add(static result =>
        {
            if (result.GetValue(Json) && result.GetValue(Csv))
                result.AddError("Either --json or --csv.");
        });
        command.SetAction(async (result, cancel) =>
        {
            var key = KeyFile.Read(result.GetValue(KeyFileOption), KeyVariable) ?? throw new CommandRefusedException(
                "settings", $"The key is missing: --key-file, or {KeyVariable}. It is the service's Admin:Key.");
            var snapshot = await FindSnapshotAsync(result);
            using var service = AdminClient.Named(FindService(result.GetValue(Service), snapshot?.Snapshot), Patience, key);
            var document = await AskAsync(service, result.GetValue(Limit), cancel);
            var report = RollbackView.Create(document, service.Address.ToString(), snapshot?.Folder, snapshot?.Snapshot);
            if (result.GetValue(Json))
                result.WriteJson(report);
            else if (result.GetValue(Csv))
                result.InvocationConfiguration.Output.Write(RollbackText.WriteCsv(report));
            else
                RollbackText.Write(report).ToList().ForEach(result.WriteText);
        });
        return command;
    }

    /// <summary>With the first key of every flag as on. Null where no folder is at hand; one that was named has to be valid.</summary>
    private static async Task<(string Folder, GatewaySnapshot Snapshot)?> FindSnapshotAsync(ParseResult result)
    {
        var folder = CheckCommand.Open(result.GetValue(Config), static _ => "true");
        try
        {
            return (folder.Path, await folder.ParseAsync(folder.Read()));
        }
        catch (ConfigurationRefusedException) when (result.GetValue(Config) is null)
        {
            await result.InvocationConfiguration.Error.WriteLineAsync(TerminalCharacters.Escape(
                $"warning: {folder.Path} cannot be used, so who would be moved is not known; gateway check says why"));
            return null;
        }
    }

    private static ListenerAddress FindService(string? named, GatewaySnapshot? snapshot) =>
        ListenerAddress.Parse(named)
        ?? ListenerAddress.Parse(snapshot?.Gateway.Clusters
            .FirstOrDefault(cluster => cluster.ClusterId.Equals(Cluster, StringComparison.OrdinalIgnoreCase))
            ?.Destinations?.Values.FirstOrDefault()?.Address)
        ?? ListenerAddress.Parse(UsualAddress)!;

    /// <exception cref="CommandRefusedException">Nobody answers, or not with a report.</exception>
    private static async Task<RollbackDocument> AskAsync(AdminClient service, int limit, CancellationToken cancel)
    {
        try
        {
            using var answer = await service.GetAsync($"/admin/rollback-report?limit={limit}", cancel);
            var text = await answer.Content.ReadAsStringAsync(cancel);
            if (answer.StatusCode == HttpStatusCode.OK)
                return JsonSerializer.Deserialize<RollbackDocument>(text, RollbackDocument.Strict)!;
            var why = CommandOutput.TryParse(text) is JsonObject problem && problem["detail"] is { } detail ? $": {detail}" : "";
            throw new CommandRefusedException("not-reported", $"{service.Address} answers {(int)answer.StatusCode}{why}");
        }
        catch (JsonException)
        {
            throw new CommandRefusedException("not-reported", $"{service.Address} does not report as this version reads it");
        }
        catch (HttpRequestException error)
        {
            throw new CommandRefusedException("unreachable", $"{service.Address} cannot be asked: {error.Message}");
        }
    }
}
