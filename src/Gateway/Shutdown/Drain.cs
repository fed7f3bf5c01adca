using Microsoft.Extensions.Options;
using ServiceDefaults.Options;

namespace Gateway.Shutdown;

/// <summary>The order of a shutdown: not ready, then no new work (Kestrel closes its listeners), then the end of open streams.</summary>
internal sealed class Drain(IOptions<ShutdownOptions> options, TimeProvider clock) : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _streamsEnd = new(Timeout.InfiniteTimeSpan, clock);

    /// <summary>Cancelled when open streams have to end.</summary>
    public CancellationToken StreamsEnd => _streamsEnd.Token;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(options.Value.DrainDelay, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // A host in a hurry cancels; throwing here would leave its listeners and streams as they are.
        _streamsEnd.CancelAfter(cancellationToken.IsCancellationRequested ? TimeSpan.Zero : options.Value.UntilStreamsEnd);
    }

    public void Dispose() => _streamsEnd.Dispose();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

internal static class ShutdownExtensions
{
    public static IServiceCollection AddShutdown(this IServiceCollection services)
    {
        services.AddChecked<ShutdownOptions>("Shutdown", ShutdownOptions.Check);
        services.AddSingleton<Drain>();
        services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        // Whoever is not done by then is cut: strangers with half a head or half a body, and what no backend answers.
        services.AddOptions<HostOptions>().Configure<IOptions<ShutdownOptions>>((host, shutdown) =>
            host.ShutdownTimeout = shutdown.Value.Total);
        return services;
    }
}
