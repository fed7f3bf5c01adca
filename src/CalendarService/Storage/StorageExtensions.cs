using CalendarService.Configuration;

namespace CalendarService.Storage;

/// <summary>Where this node keeps files: <c>CALENDAR_DATA_DIR</c>.</summary>
internal sealed record DataFolder(string Path);

internal static class StorageExtensions
{
    public static WebApplicationBuilder AddStorage(this WebApplicationBuilder builder, OptionsReader options)
    {
        var configuration = builder.Configuration;
        var dataDir = configuration["CALENDAR_DATA_DIR"] is { Length: > 0 } dir
            ? dir
            : Path.GetFullPath("data");
        builder.Services.AddSingleton(new DataFolder(Path.GetFullPath(dataDir)));
        var file = Path.Combine(dataDir, "calendar.db");
        if (!StoreAddress.TryParse(configuration.GetConnectionString("Calendar"), file, out var address, out var fault))
        {
            options.Fault("ConnectionStrings:Calendar", "(hidden)", $"{fault}; legal is {StoreAddress.LegalRange}");
            address = StoreAddress.Sqlite(file); // Never opened: the faults are reported first.
        }

        var store = options.Read<StoreOptions>("Store");
        options.Range("Store:ProbeInterval", store.ProbeInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        options.Range("Store:ProbeTimeout", store.ProbeTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        options.Range("Store:BusyTimeout", store.BusyTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        options.Range("Store:RetryAfter", store.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

        TimestampHandler.Register();
        builder.Services
            .AddSingleton(store)
            .AddSingleton<StoreHealth>()
            .AddSingleton<StoreGauge>()
            .AddSingleton<Dialect>(services => address.Kind == StoreKind.Postgres
                ? ActivatorUtilities.CreateInstance<PostgresDialect>(services, address)
                : new SqliteDialect(address))
            .AddSingleton<Migrator>()
            .AddSingleton<Database>()
            .AddHostedService<StoreProbeWorker>();
        return builder;
    }
}
