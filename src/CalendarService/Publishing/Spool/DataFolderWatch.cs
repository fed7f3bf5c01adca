using CalendarService.Files;
using Prometheus;

namespace CalendarService.Publishing.Spool;

/// <summary>
/// Looks all the time whether a publish could be kept, because nobody would notice before the database is away: then it is too late.
/// </summary>
internal sealed partial class DataFolderWatch(
    DataFolder folder, SpoolOptions options, CollectorRegistry registry, IMetricFactory metrics, TimeProvider clock,
    ILogger<DataFolderWatch> logger) : BackgroundService
{
    private volatile FolderFault? _fault;

    /// <summary>Why nothing can be kept; null when it can.</summary>
    public string? Problem => _fault is { } fault ? $"{fault.Folder}: {fault.Reason}" : null;

    public void Register()
    {
        var writable = metrics.CreateGauge(
            "calendar_data_folder_writable", "1 when files can be created, written and synced in CALENDAR_DATA_DIR");
        registry.AddBeforeCollectCallback(() => writable.Set(_fault is null ? 1 : 0));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(options.ProbeInterval, clock);
        try
        {
            do
                Note(folder.FindFault());
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    private void Note(FolderFault? fault)
    {
        var before = _fault;
        _fault = fault;
        if (fault is not null && fault != before)
            LogUnusable(fault.Folder, fault.Reason);
        else if (fault is null && before is not null)
            LogUsable(folder.Path);
    }

    [LoggerMessage(LogLevel.Error, "The data folder {Folder} cannot be used: {Reason}. While the database is away, no publish can be kept")]
    private partial void LogUnusable(string folder, string reason);

    [LoggerMessage(LogLevel.Information, "The data folder {Folder} can be used again")]
    private partial void LogUsable(string folder);
}
