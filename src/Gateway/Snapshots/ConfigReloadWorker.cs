using Gateway.Configuration;

namespace Gateway.Snapshots;

/// <summary>
/// Notices a saved file within a second. It reads and hashes the files instead of asking the file watcher, which
/// misses a swapped directory symlink (dotnet/runtime#36091), as Kubernetes updates a ConfigMap.
/// </summary>
internal sealed partial class ConfigReloadWorker(
    ConfigFolder folder, ConfigStore store, ConfigEvents events, TimeProvider clock, ILogger<ConfigReloadWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Before the listeners open: whoever asks <c>/status</c> finds the start there.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        LogStarted(folder.Path, store.Current.Revision, events.Started(folder.Path, store.Current));
        foreach (var warning in store.Current.Warnings)
            LogWarning(warning);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        var lookedAt = store.Current.Revision;
        var handled = lookedAt;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var files = folder.Read();
            // Twice the same: an editor may be half way through a save, or between deleting and renaming.
            var settled = files.Revision == lookedAt;
            lookedAt = files.Revision;
            if (!settled || files.Revision == handled)
                continue;
            handled = files.Revision;
            await ReloadAsync(files);
        }
    }

    private async Task ReloadAsync(ConfigFiles files)
    {
        try
        {
            var (former, snapshot) = (store.Current, await folder.ParseAsync(files));
            await store.SwapAsync(snapshot);
            LogReloaded(snapshot.Revision, events.Reloaded(former, snapshot));
            foreach (var warning in snapshot.Warnings)
                LogWarning(warning);
        }
        catch (ConfigurationRefusedException refused)
        {
            Refuse(files.Revision, refused.Findings);
            LogRefused(files.Revision, store.Current.Revision, refused.Message);
        }
        catch (Exception error)
        {
            // The last good snapshot serves on; whatever this is, it must not end the watch.
            Refuse(files.Revision, [new ConfigFinding("", "", null, error.Message)]);
            LogRefused(files.Revision, store.Current.Revision, error.ToString());
        }
    }

    private void Refuse(string revision, IReadOnlyList<ConfigFinding> findings)
    {
        var at = clock.GetUtcNow();
        store.Refuse(at, revision, findings);
        events.Refused(at, revision, store.Current.Revision, findings);
    }

    [LoggerMessage(LogLevel.Information, "Configuration folder {Folder}, revision {Revision}: {Flags}")]
    private partial void LogStarted(string folder, string revision, string flags);

    [LoggerMessage(LogLevel.Information, "Configuration revision {Revision} is in force: {Changes}")]
    private partial void LogReloaded(string revision, string changes);

    [LoggerMessage(LogLevel.Error, "Configuration revision {Revision} is refused, {InForce} stays in force: {Problems}")]
    private partial void LogRefused(string revision, string inForce, string problems);

    [LoggerMessage(LogLevel.Warning, "Configuration: {Finding}")]
    private partial void LogWarning(ConfigFinding finding);
}
