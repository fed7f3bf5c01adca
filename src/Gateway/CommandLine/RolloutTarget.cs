using System.CommandLine;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Gateway.Admin;
using Gateway.Diff;
using Gateway.Listening;
using Gateway.Rollout.Control;
using Gateway.Snapshots;
using Gateway.Starting;
using Microsoft.Extensions.Logging.Abstractions;
using ServiceDefaults.Problems;
using ServiceDefaults.Starting;

namespace Gateway.CommandLine;

/// <summary>Whose rollout a command is about.</summary>
internal sealed class RolloutTargetOptions
{
    private const string KeyVariable = "GATEWAY_ADMIN_KEY";

    private readonly Option<string?> _folder = new("--config") { Description = "The config folder; the running one's by default." };

    private readonly Option<string?> _admin =
        AddressOption.Create("--admin", "A running gateway's admin listener, in place of the folder.");

    private readonly Option<string?> _keyFile = new("--key-file")
    {
        Description = $"A file with the key of Admin:Key, for --admin; {KeyVariable} by default.",
    };

    public IEnumerable<Option> All => [_folder, _admin, _keyFile];

    public RolloutTarget Open(ParseResult result)
    {
        if (result.GetValue(_admin) is { } admin)
        {
            return result.GetValue(_folder) is null
                ? new RemoteRollout(AdminClient.Named(
                    ListenerAddress.Parse(admin)!, key: KeyFile.Read(result.GetValue(_keyFile), KeyVariable)))
                : throw CommandUsage.Refuse("gateway rollout", "--config and --admin are two ways to say the same: give one");
        }

        var folder = CheckCommand.Open(result.GetValue(_folder), static _ => "true");
        return new FolderRollout(folder, Startup.ReadSettings()["Rollout:StateDir"]);
    }
}

/// <param name="Revision">That it was made on.</param>
/// <param name="Lines">Who would move, for people.</param>
internal sealed record RolloutPreview(string? Revision, IReadOnlyList<string> Lines);

/// <summary>A folder's rollout, wherever the folder is.</summary>
internal abstract class RolloutTarget : IDisposable
{
    public abstract string Name { get; }

    /// <exception cref="CommandRefusedException">It cannot be had.</exception>
    public abstract Task<RolloutReport> ReadAsync(CancellationToken cancel);

    public abstract Task<RolloutPreview> PreviewAsync(RolloutAction action, CancellationToken cancel);

    public abstract Task<RolloutEvent> ActAsync(RolloutAction action, CancellationToken cancel);

    public async Task<string> FindOnlyRampAsync(CancellationToken cancel)
    {
        var ramps = (await ReadAsync(cancel)).Ramps;
        return ramps switch
        {
            [var only] => only.Cohort,
            [] => throw new CommandRefusedException("no-ramp", $"{Name} has no Ramps in rollout.json."),
            _ => throw new CommandRefusedException(
                "which-ramp", $"Which one? There is {string.Join(", ", ramps.Select(ramp => ramp.Cohort))}.", ExitCodes.WrongUsage),
        };
    }

    public abstract void Dispose();
}

internal sealed class FolderRollout(ConfigFolder config, string? stateFolder) : RolloutTarget
{
    private const int MostNamed = 20;

    private readonly RolloutFolder _folder = new(config, stateFolder, TimeProvider.System);

    public override string Name => config.Path;

    public override Task<RolloutReport> ReadAsync(CancellationToken cancel) =>
        Task.FromResult(Try(() => RolloutReport.Read(_folder, TimeProvider.System)));

    public override async Task<RolloutPreview> PreviewAsync(RolloutAction action, CancellationToken cancel)
    {
        var (e, files, after) = await TryAsync(() => Actions(null).PreviewAsync(action, cancel));
        if (!e.ChangesFile)
            return new(files.Revision, []);
        await using var was = new ComparedFolder(await config.ParseAsync(files));
        await using var becomes = new ComparedFolder(await config.ParseAsync(files with { Rollout = after }));
        var comparison = new FolderComparison(
            was, becomes, Population.FromCohorts(was.Snapshot.Rollout.Cohorts.Values), MostNamed);
        await comparison.RunAsync();
        var report = DiffReport.Create(was, becomes, comparison, []);
        return new(files.Revision, [.. DiffText.Write(report, isOfFile: false, all: false, MostNamed)]);
    }

    public override async Task<RolloutEvent> ActAsync(RolloutAction action, CancellationToken cancel)
    {
        using var notices = new RolloutNotices(TimeProvider.System, NullLogger<RolloutNotices>.Instance);
        var done = await TryAsync(() => Actions(notices).ActAsync(action, cancel));
        await notices.DeliverAsync(cancel);
        return done;
    }

    public override void Dispose()
    {
    }

    private RolloutActions Actions(RolloutNotices? notices) => new(
        _folder, new Transitions(_folder), notices, TimeProvider.System, NullLogger<RolloutActions>.Instance);

    private static T Try<T>(Func<T> read) => TryAsync(() => Task.FromResult(read())).GetAwaiter().GetResult();

    private static async Task<T> TryAsync<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (RolloutRefusedException refused)
        {
            throw new CommandRefusedException(refused.Refusal.ToString().ToLowerInvariant(), refused.Message);
        }
    }
}

/// <param name="admin">With the key of <c>Admin:Key</c>, unless it is for only looking.</param>
internal sealed class RemoteRollout(AdminClient admin) : RolloutTarget
{
    public override string Name => admin.Address.ToString();

    public override async Task<RolloutReport> ReadAsync(CancellationToken cancel)
    {
        using var answer = await AskAsync(() => admin.GetAsync("/rollout", cancel));
        return await ReadAsync<RolloutReport>(answer, cancel);
    }

    /// <summary>Whom the files name stands on that machine; here is only the share.</summary>
    public override async Task<RolloutPreview> PreviewAsync(RolloutAction action, CancellationToken cancel)
    {
        var report = await ReadAsync(cancel);
        var now = report.Ramps.FirstOrDefault(ramp => ramp.Cohort == action.Subject)?.Percentage;
        var to = action.Verb switch
        {
            "set" => action.Percentage,
            "abort" => 0,
            "skip" => report.Ramps.FirstOrDefault(ramp => ramp.Cohort == action.Subject)?.NextStep,
            _ => null,
        };
        var text = to is null || now is null ? $"{action.Verb} {action.Subject} at {Name}" : string.Create(
            CultureInfo.InvariantCulture,
            $"{action.Subject} at {Name}: {now} % → {to} %; {Math.Abs(to.Value - now.Value):0.####} of 100 users move");
        return new(report.Revision, [text]);
    }

    public override async Task<RolloutEvent> ActAsync(RolloutAction action, CancellationToken cancel)
    {
        var path = action.Verb switch
        {
            "kill" or "enable" => $"/flags/{Uri.EscapeDataString(action.Subject)}/{action.Verb}",
            "undo" => $"/undo/{Uri.EscapeDataString(action.Subject)}",
            _ => $"/rollout/{Uri.EscapeDataString(action.Subject)}/{action.Verb}",
        };
        var body = new ActionBody(action.Reason, action.ExpectedRevision, action.Percentage);
        using var answer = await AskAsync(() => admin.PostAsync(path, body, cancel));
        return await ReadAsync<RolloutEvent>(answer, cancel);
    }

    public override void Dispose() => admin.Dispose();

    private async Task<HttpResponseMessage> AskAsync(Func<Task<HttpResponseMessage>> ask)
    {
        try
        {
            return await ask();
        }
        catch (HttpRequestException error)
        {
            throw new CommandRefusedException("unreachable", $"{Name}: {error.Message}");
        }
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancel)
    {
        try
        {
            if (answer.IsSuccessStatusCode)
                return (await answer.Content.ReadFromJsonAsync<T>(cancel))!;
            var problem = await answer.Content.ReadFromJsonAsync<Problem>(cancel);
            throw new CommandRefusedException(problem!.Code, $"{Name}: {problem.Detail ?? problem.Title}");
        }
        catch (JsonException)
        {
            throw new CommandRefusedException(
                "unreadable",
                $"{Name} answers {(int)answer.StatusCode}, and nothing that this version reads: is it a gateway's admin listener?");
        }
    }
}
