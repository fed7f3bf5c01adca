using CalendarService.Generation.Writers;
using Microsoft.Extensions.Options;
using ServiceDefaults.Options;

namespace CalendarService.Generation;

internal static class GenerationExtensions
{
    /// <summary>For the streams' last frames, and for what is in flight.</summary>
    private static readonly TimeSpan Flush = TimeSpan.FromSeconds(3);

    public static IServiceCollection AddGeneration(this IServiceCollection services)
    {
        var (shortest, longest) = (TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
        // A stranger with half a head would hold the process for thirty seconds, and docker kills after ten.
        services.AddOptions<HostOptions>().Configure<IOptions<GenerationOptions>>((host, generation) =>
            host.ShutdownTimeout = generation.Value.StopPatience + Flush);
        return services
            .AddChecked<GenerationOptions>("Generation", (o, faults) =>
            {
                faults.Within("FirstItemTimeout", o.FirstItemTimeout, shortest, longest);
                faults.Within("ItemTimeout", o.ItemTimeout, shortest, longest);
                faults.Within("TotalTimeout", o.TotalTimeout, shortest, longest);
                faults.Within("AbandonAfter", o.AbandonAfter, shortest, longest);
                faults.Within("Lease", o.Lease, TimeSpan.FromMilliseconds(300), longest);
                faults.Within("MaxConcurrentRuns", o.MaxConcurrentRuns, 1, 100_000);
                faults.Within("MaxUnsavedRuns", o.MaxUnsavedRuns, 0, 100_000);
                faults.Within("StopPatience", o.StopPatience, TimeSpan.Zero, TimeSpan.FromMinutes(5));
            })
            .AddChecked<StreamOptions>("Stream", (o, faults) =>
            {
                faults.Within("KeepAlive", o.KeepAlive, shortest, TimeSpan.FromMinutes(5));
                faults.Within("PollInterval", o.PollInterval, shortest, TimeSpan.FromSeconds(10));
            })
            .AddSingleton<LiveRuns>()
            .AddSingleton<RunAcceptance>()
            .AddSingleton<RunCatchUp>()
            .AddSingleton<UnsavedRuns>()
            .AddSingleton<RunKeeper>()
            .AddHostedService(provider => provider.GetRequiredService<UnsavedRuns>()) // Stops after the runs, which come next.
            .AddHostedService(provider => provider.GetRequiredService<LiveRuns>())
            .AddHostedService<RunSweeper>()
            .AddSingleton<RunWorker>()
            .AddSingleton<RunStarter>()
            .AddSingleton<RunStream>()
            .AddSingleton<GenerateForm>()
            .AddWriters();
    }
}
