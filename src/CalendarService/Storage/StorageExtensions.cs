using CalendarService.Files;
using ServiceDefaults.Options;

namespace CalendarService.Storage;

internal static class StorageExtensions
{
    public static WebApplicationBuilder AddStorage(this WebApplicationBuilder builder)
    {
        var folder = DataFolder.From(builder.Configuration);
        TimestampHandler.Register();
        builder.Services
            .AddChecked<ConnectionOptions>("ConnectionStrings", (o, faults) =>
            {
                var legal = StoreAddress.TryParse(o.Calendar, folder.DatabaseFile, out _, out var fault);
                faults.Require(legal, nameof(o.Calendar), "(hidden)", $"{StoreAddress.LegalRange}; {fault}");
            })
            .AddChecked<StoreOptions>("Store", (o, faults) =>
            {
                faults.Within("ProbeInterval", o.ProbeInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
                faults.Within("ProbeTimeout", o.ProbeTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
                faults.Within("BusyTimeout", o.BusyTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
                faults.Within("RetryAfter", o.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
            })
            .AddSingleton(new SettingKeys(DataFolder.Key))
            .AddCheck(FolderCheck.FindFaults)
            .AddSingleton(folder)
            .AddSingleton(services => StoreAddress.Parse(services.GetRequiredService<ConnectionOptions>().Calendar, folder.DatabaseFile))
            .AddSingleton<StoreHealth>()
            .AddSingleton<StoreGauge>()
            .AddSingleton<Dialect>(services => services.GetRequiredService<StoreAddress>() is { Kind: StoreKind.Sqlite } file
                ? new SqliteDialect(file)
                : ActivatorUtilities.CreateInstance<PostgresDialect>(services))
            .AddSingleton<Migrator>()
            .AddSingleton<Database>()
            .AddHostedService<StoreProbeWorker>();
        return builder;
    }
}
