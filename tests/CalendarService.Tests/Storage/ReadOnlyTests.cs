using System.Net;
using CalendarService.Storage;
using Dapper;
using Harness;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CalendarService.Tests.Storage;

/// <summary>
/// A database that can be read and not written. Has a Postgres of its own, because it makes it a standby.
/// Holds docs/contract.md section 5: the calendar API.
/// </summary>
public sealed class ReadOnlyTests : IAsyncLifetime
{
    private const string Launch = """{"calendarId":"launch"}""";
    private const string Entry = "/api/calendar/launch/entries/2099-12-01-1";

    private readonly LogLines _log = new();
    private PostgresServer _postgres = null!;
    private string _database = "";

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresServer.StartNewAsync();
        _database = await _postgres.CreateDatabaseAsync();
    }

    public ValueTask DisposeAsync() => _postgres.DisposeAsync();

    [Theory]
    [InlineData("setting")]
    [InlineData("standby")]
    public async Task ReadOnlyDatabase_IsRead_AndTakesTheRestWhenItCanBeWritten(string why)
    {
        await using var service = await ServiceHarness.StartAsync(_postgres.Url(_database), _log);
        await service.GenerateAsync();
        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync("/api/publish", Launch, ("Idempotency-Key", "before"))).Status);
        await MakeReadOnlyAsync(why);
        await Eventually.TrueAsync("it is noticed without a request", async () => await StoreAsync(service) == "read-only");

        for (var round = 0; round < 3; round++)
        {
            await ProbesAsync(3);
            Assert.Equal(HttpStatusCode.Accepted, (await service.PostAsync("/api/publish", Launch, ("Idempotency-Key", "once"))).Status);
            Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/calendar/launch")).Status);
            Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/calendar/launch/export?format=csv")).Status);
            Assert.Equal(HttpStatusCode.OK, (await service.PostAsync("/api/publish", Launch, ("Idempotency-Key", "before"))).Status);
            var refused = await service.SendAsync(HttpMethod.Patch, Entry, """{"text":"mine"}""", ("If-Match", "\"1\""));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "true"), (refused.Status, refused.Header("X-Not-Accepted")));
            Assert.Equal("read-only", await StoreAsync(service));
        }

        var run = await service.GenerateAsync(ServiceHarness.Generate.Replace("launch", "autumn", StringComparison.Ordinal));
        var metrics = (await service.GetAsync("/metrics")).Text;
        var ups = Lines("Calendar store is up");
        await MakeWritableAsync(why);
        await Eventually.TrueAsync("all is saved", async () =>
            (await service.GetAsync("/readyz")).Text.Contains("\"unsavedRuns\":0", StringComparison.Ordinal)
            && (await service.GetAsync("/metrics")).Text.Contains("calendar_spool_depth 0\n", StringComparison.Ordinal));

        Assert.Equal("complete", (string?)run[^1].Json()["finishReason"]);
        Assert.Contains("calendar_store_up 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("calendar_spool_depth 8\n", metrics, StringComparison.Ordinal);
        Assert.Equal((1, 1), (ups, Lines("Calendar store takes no writes")));
        Assert.Equal(
            HttpStatusCode.OK, (await service.SendAsync(HttpMethod.Patch, Entry, """{"text":"mine"}""", ("If-Match", "\"1\""))).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/calendar/autumn")).Status);
        await using var admin = await AdminAsync();
        Assert.Equal(16, await admin.ExecuteScalarAsync<int>("SELECT count(*) FROM publish_intents"));
    }

    // The probe looks once a minute here: it is the publish that finds out.
    [Fact]
    public async Task FirstWriteToAReadOnlyDatabase_IsQueued_AndReadsGoOn()
    {
        await using var service = await ServiceHarness.StartAsync(_postgres.Url(_database), "Store:ProbeInterval=00:01:00");
        await service.GenerateAsync();
        await using var admin = await AdminAsync();
        await admin.ExecuteAsync($"ALTER DATABASE {_database} SET default_transaction_read_only = on");
        service.Services.GetRequiredService<Dialect>().ForgetConnections(); // They keep what was the default when they began.

        Assert.Equal("up", await StoreAsync(service));
        Assert.Equal(HttpStatusCode.Accepted, (await service.PostAsync("/api/publish", Launch)).Status);
        Assert.Equal("read-only", await StoreAsync(service));
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/calendar/launch")).Status);
    }

    [Theory]
    [InlineData(true, "read-only", HttpStatusCode.OK, HttpStatusCode.Accepted)]
    [InlineData(false, "down", HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable)]
    public async Task Service_StartedOnAReadOnlyDatabase_ReadsIfTheTablesAreThere(
        bool migrated, string store, HttpStatusCode load, HttpStatusCode publish)
    {
        if (migrated)
        {
            await using var before = await ServiceHarness.StartAsync(_postgres.Url(_database));
            await before.GenerateAsync();
        }

        await MakeReadOnlyAsync("setting");

        await using var service = await ServiceHarness.StartAsync(_postgres.Url(_database));

        Assert.Equal(store, await StoreAsync(service));
        Assert.Equal(load, (await service.GetAsync("/api/calendar/launch")).Status);
        Assert.Equal(publish, (await service.PostAsync("/api/publish", Launch)).Status);
        await MakeWritableAsync("setting");
        await Eventually.TrueAsync("it is up", async () => await StoreAsync(service) == "up");
    }

    private static async Task<string?> StoreAsync(ServiceHarness service) => (string?)(await service.GetAsync("/readyz")).Json["store"];

    private int Lines(string beginning) => _log.All.Count(line => line.Contains(": " + beginning, StringComparison.Ordinal));

    /// <summary>Returns when the probe, which takes a new session each time then, was seen so many times.</summary>
    private async Task ProbesAsync(int count)
    {
        await using var admin = await AdminAsync();
        var seen = new HashSet<int>();
        await Eventually.TrueAsync($"{count} probes", async () =>
        {
            seen.UnionWith(await admin.QueryAsync<int>(
                "SELECT pid FROM pg_stat_activity WHERE query LIKE '%transaction_read_only%' AND pid <> pg_backend_pid()"));
            return seen.Count >= count;
        });
    }

    private async Task MakeReadOnlyAsync(string why)
    {
        if (why == "standby")
        {
            await _postgres.StopAsync();
            await _postgres.StartAsStandbyAsync();
            return;
        }

        await using var admin = await AdminAsync();
        await admin.ExecuteAsync(
            $"""
             ALTER DATABASE {_database} SET default_transaction_read_only = on;
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_database}' AND pid <> pg_backend_pid()
             """);
    }

    private async Task MakeWritableAsync(string why)
    {
        await using var admin = await AdminAsync("postgres");
        await admin.ExecuteAsync(
            why == "standby" ? "SELECT pg_promote()" : $"ALTER DATABASE {_database} RESET default_transaction_read_only");
    }

    private async Task<NpgsqlConnection> AdminAsync(string? database = null)
    {
        var connection = new NpgsqlConnection(
            $"Host=127.0.0.1;Port={_postgres.Port};Username=postgres;Database={database ?? _database};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
