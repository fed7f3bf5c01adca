namespace Gateway.Traffic;

/// <summary>Takes the samples that the last minute is read from.</summary>
internal sealed partial class TrafficWorker(TrafficMinute minute, TimeProvider clock, ILogger<TrafficWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Before the listeners open, so that the first request is in the figures.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await minute.RememberAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await minute.RememberAsync(stoppingToken);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(error.Message); // Figures for people; nothing that a request waits for.
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The figures of the last minute could not be read: {Problem}")]
    private partial void LogFailed(string problem);
}
