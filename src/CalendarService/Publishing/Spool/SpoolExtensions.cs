using CalendarService.Files;
using ServiceDefaults.Options;

namespace CalendarService.Publishing.Spool;

internal static class SpoolExtensions
{
    public static IServiceCollection AddSpool(this IServiceCollection services) => services
        .AddChecked<SpoolOptions>("Spool", (o, faults) =>
        {
            faults.Within("MaxBytes", o.MaxBytes, 4096, 1L << 40);
            faults.Within("DrainRate", o.DrainRate, 1, 1_000_000);
            faults.Within("ProbeInterval", o.ProbeInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
        })
        .AddSingleton(provider => new SpoolRoot(provider.GetRequiredService<DataFolder>().Spool))
        .AddSingleton<SpoolIndex>()
        .AddSingleton<SpoolQuarantine>()
        .AddSingleton<SpoolAppender>()
        .AddSingleton<SpoolWriter>()
        .AddSingleton<SpoolReader>()
        .AddSingleton<SpoolAdopter>()
        .AddSingleton<SpoolDrain>()
        .AddSingleton<SpoolMetrics>()
        .AddHostedService<SpoolWorker>()
        .AddSingleton<DataFolderWatch>()
        .AddHostedService(provider => provider.GetRequiredService<DataFolderWatch>());
}
