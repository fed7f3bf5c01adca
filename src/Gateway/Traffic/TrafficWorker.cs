namespace Gateway.Traffic;

/// <summary>Takes the samples that the last minute is read from.</summary>
internal sealed class TrafficWorker(TrafficMinute minute, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Before the listeners open, so that the first request is in the figures.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        minute.Remember();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            minute.Remember();
    }
}
