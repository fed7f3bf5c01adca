using CalendarService.Calendars;
using CalendarService.Configuration;
using CalendarService.Storage;

namespace CalendarService.Publishing.Spool;

internal static class SpoolExtensions
{
    public static void AddSpool(this WebApplicationBuilder builder, OptionsReader reader)
    {
        var options = reader.Read<SpoolOptions>("Spool");
        reader.Range("Spool:MaxBytes", options.MaxBytes, 4096, 1L << 40);
        reader.Range("Spool:DrainRate", options.DrainRate, 1, 1_000_000);
        reader.Range("Spool:KnownEntries", options.KnownEntries, 0, 10_000_000);
        builder.Services
            .AddSingleton(options)
            .AddSingleton(services => new SpoolRoot(Path.Combine(services.GetRequiredService<DataFolder>().Path, "spool")))
            .AddSingleton<SpoolIndex>()
            .AddSingleton<SpoolQuarantine>()
            .AddSingleton<SpoolAppender>()
            .AddSingleton<SpoolWriter>()
            .AddSingleton<SpoolReader>()
            .AddSingleton<SpoolAdopter>()
            .AddSingleton<SpoolDrain>()
            .AddSingleton<SpoolMetrics>()
            .AddHostedService<SpoolWorker>();
    }
}
