using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Configuration;
using Gateway.Rollout.Files;
using Gateway.Snapshots;
using ServiceDefaults.Files;

namespace Gateway.Rollout.Control;

/// <summary>
/// The files of a rollout: <c>rollout.json</c>, which says what is in force, and beside it the state and the audit. Whoever changes one of
/// them holds <see cref="LockAsync"/> meanwhile.
/// </summary>
/// <param name="stateFolder">Null for <c>state</c> in the config folder.</param>
internal sealed class RolloutFolder(ConfigFolder config, string? stateFolder, TimeProvider clock)
{
    private const string LockName = "rollout.lock";
    private const string ControllerName = "rollout-controller.lock";

    /// <summary>Longer than anybody works under the lock.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public ConfigFolder Config => config;

    public string RolloutPath => Path.Combine(config.Path, RolloutFile.Name);

    public string StateFolder { get; } = stateFolder ?? Path.Combine(config.Path, "state");

    public string StatePath => Path.Combine(StateFolder, "rollout-state.json");

    public string AuditPath => Path.Combine(StateFolder, "rollout-audit.jsonl");

    /// <summary>For as long as it takes to read, decide and write.</summary>
    /// <exception cref="RolloutRefusedException">Somebody holds it for longer than anyone should, or the folder takes no files.</exception>
    public async Task<IDisposable> LockAsync(CancellationToken cancel)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            Write(() => DurableFile.CreateFolder(StateFolder));
            var attempt = FolderLock.TryTake(Path.Combine(StateFolder, LockName), clock);
            if (attempt.Lock is { } taken)
                return taken;
            if (!attempt.IsHeld)
                throw new RolloutRefusedException(RolloutRefusal.ReadOnly, $"{StateFolder} takes no files: {attempt.Detail}");
            if (clock.GetElapsedTime(began) > Patience)
                throw new RolloutRefusedException(RolloutRefusal.Busy, $"{Path.Combine(StateFolder, LockName)}: {attempt.Detail}");
            await Task.Delay(Pause, clock, cancel);
        }
    }

    /// <exception cref="RolloutRefusedException">It is no file that could be in force.</exception>
    public static RolloutFile Parse(ConfigFiles files)
    {
        var findings = new List<ConfigFinding>(files.Findings);
        return (files.Rollout is { } bytes ? RolloutFile.Read(bytes, static _ => null, "", findings) : null)
            ?? throw new RolloutRefusedException(RolloutRefusal.Unreadable,
                $"{RolloutFile.Name} is refused; no ramp moves until it is mended: {findings.FirstOrDefault()}");
    }

    /// <summary>Held while a controller lives. Beside the file that it changes: there can be one for each such folder.</summary>
    public LockAttempt TryBecomeController() => FolderLock.TryTake(Path.Combine(config.Path, ControllerName), clock);

    /// <exception cref="RolloutRefusedException">Somebody has written into it what no version of this program did.</exception>
    public RolloutState ReadState()
    {
        try
        {
            return File.Exists(StatePath)
                ? JsonSerializer.Deserialize<RolloutState>(File.ReadAllBytes(StatePath), Json) ?? RolloutState.Empty : RolloutState.Empty;
        }
        catch (Exception error) when (error is JsonException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            // The evidence's own objects refuse numbers that they never had with an ArgumentException.
            throw new RolloutRefusedException(RolloutRefusal.Unreadable,
                $"{StatePath} cannot be read ({error.Message}). Nothing moves until it can; without the file ramps begin anew, idle.");
        }
    }

    public void WriteState(RolloutState state) =>
        Write(() => DurableFile.Replace(StatePath, JsonSerializer.SerializeToUtf8Bytes(state, Json)));

    /// <summary>Adds a line that is on the disk when this returns.</summary>
    public void Append(RolloutEvent transition) => Write(() =>
    {
        DurableFile.CreateFolder(StateFolder);
        var isNew = !File.Exists(AuditPath);
        using var file = new FileStream(AuditPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        // A line that a kill has cut stays one broken line and does not break the next.
        var separator = EndsInLine() ? "" : "\n";
        file.Write(Encoding.UTF8.GetBytes(separator + JsonSerializer.Serialize(transition, Json) + "\n"));
        file.Flush(flushToDisk: true);
        if (isNew)
            DurableFile.FlushFolder(StateFolder);
    });

    /// <summary>In bytes; 0 without an audit.</summary>
    public long AuditLength => new FileInfo(AuditPath) is { Exists: true } audit ? audit.Length : 0;

    /// <returns>The oldest first; without lines that a kill has cut.</returns>
    public IReadOnlyList<RolloutEvent> ReadAudit() =>
        File.Exists(AuditPath) ? [.. File.ReadLines(AuditPath).Select(TryParse).OfType<RolloutEvent>()] : [];

    /// <summary>Puts other bytes in the place of <c>rollout.json</c>, and only if it still holds those that they were made of.</summary>
    /// <exception cref="RolloutRefusedException">It does not, or cannot be written; all is as it was.</exception>
    public void ReplaceRollout(byte[] edited, byte[] from)
    {
        var result = DurableReplace.Replace(RolloutPath, from, edited, clock);
        if (result.Outcome != ReplaceOutcome.Replaced)
        {
            throw new RolloutRefusedException(
                result.Outcome == ReplaceOutcome.ChangedMeanwhile ? RolloutRefusal.Conflict : RolloutRefusal.ReadOnly,
                $"{RolloutPath}: {result.Detail}. Nothing was changed.");
        }
    }

    private static RolloutEvent? TryParse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<RolloutEvent>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool EndsInLine()
    {
        using var file = new FileStream(AuditPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        if (file.Length == 0)
            return true;
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n';
    }

    private void Write(Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (FileFaults.IsFault(error))
        {
            throw new RolloutRefusedException(RolloutRefusal.ReadOnly, $"{StateFolder} takes no files: {FileFaults.Describe(error)}");
        }
    }
}
