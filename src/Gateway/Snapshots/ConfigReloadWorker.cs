using Gateway.Configuration;

namespace Gateway.Snapshots;

/// <summary>
/// Notices a saved file within a second. It reads and hashes the files instead of asking the file watcher, which
/// misses a swapped directory symlink (dotnet/runtime#36091), as Kubernetes updates a ConfigMap.
/// </summary>
internal sealed partial class ConfigReloadWorker(
    ConfigFolder folder, ConfigStore store, TimeProvider clock, ILogger<ConfigReloadWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var warning in store.Current.Warnings)
            LogWarning(warning);
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
            var snapshot = await folder.ParseAsync(files);
            await store.SwapAsync(snapshot);
            LogReloaded(snapshot.Revision);
            foreach (var warning in snapshot.Warnings)
                LogWarning(warning);
        }
        catch (ConfigurationRefusedException refused)
        {
            store.Refuse(clock.GetUtcNow(), files.Revision, refused.Findings);
            LogRefused(files.Revision, store.Current.Revision, refused.Message);
        }
        catch (Exception error)
        {
            // The last good snapshot serves on; whatever this is, it must not end the watch.
            var finding = new ConfigFinding("", "", null, error.Message);
            store.Refuse(clock.GetUtcNow(), files.Revision, [finding]);
            LogRefused(files.Revision, store.Current.Revision, error.ToString());
        }
    }

    [LoggerMessage(LogLevel.Information, "Configuration revision {Revision} is in force")]
    private partial void LogReloaded(string revision);

    [LoggerMessage(LogLevel.Error, "Configuration revision {Revision} is refused, {InForce} stays in force: {Problems}")]
    private partial void LogRefused(string revision, string inForce, string problems);

    [LoggerMessage(LogLevel.Warning, "Configuration: {Finding}")]
    private partial void LogWarning(ConfigFinding finding);
}
