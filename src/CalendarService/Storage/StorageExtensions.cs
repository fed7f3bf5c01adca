using ServiceDefaults.Options;

namespace CalendarService.Storage;

/// <summary>Where this node keeps files: <c>CALENDAR_DATA_DIR</c>.</summary>
internal sealed record DataFolder(string Path)
{
    public const string Key = "CALENDAR_DATA_DIR";
}

internal static class StorageExtensions
{
    public static WebApplicationBuilder AddStorage(this WebApplicationBuilder builder)
    {
        var folder = Path.GetFullPath(builder.Configuration[DataFolder.Key] is { Length: > 0 } given ? given : "data");
        var defaultFile = Path.Combine(folder, "calendar.db");
        TimestampHandler.Register();
        builder.Services
            .AddChecked<ConnectionOptions>("ConnectionStrings", (o, faults) =>
            {
                var legal = StoreAddress.TryParse(o.Calendar, defaultFile, out _, out var fault);
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
            .AddSingleton(new DataFolder(folder))
            .AddSingleton(services => StoreAddress.Parse(services.GetRequiredService<ConnectionOptions>().Calendar, defaultFile))
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
