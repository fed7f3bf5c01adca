using System.Net;
using Dapper;
using Harness;
using Npgsql;

namespace CalendarService.Tests.Storage;

/// <summary>Has a Postgres of its own, because it stops it. Holds docs/contract.md section 5: the calendar API.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private PostgresServer _postgres = null!;

    public async ValueTask InitializeAsync() => _postgres = await PostgresServer.StartNewAsync();

    public ValueTask DisposeAsync() => _postgres.DisposeAsync();

    [Fact]
    public async Task Outage_IsRefusedWithProof_AndEnds()
    {
        await using var service = await ServiceHarness.StartAsync(_postgres.Url(await _postgres.CreateDatabaseAsync()));
        await service.GenerateAsync();
        await _postgres.StopAsync();

        var first = await service.GetAsync("/api/calendar/launch");
        var unknown = await service.PostAsync("/api/publish", """{"calendarId":"other"}""");

        foreach (var refused in new[] { first, unknown })
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
            Assert.Equal("store-unavailable", refused.Code);
            Assert.Equal("true", refused.Header("X-Not-Accepted"));
            Assert.NotNull(refused.Header("Retry-After"));
        }

        var ready = await service.GetAsync("/readyz");
        Assert.Equal((HttpStatusCode.OK, "down"), (ready.Status, (string?)ready.Json["store"]));
        Assert.Contains("calendar_store_up 0\n", (await service.GetAsync("/metrics")).Text, StringComparison.Ordinal);

        await _postgres.StartAsync();
        await Eventually.TrueAsync("the store is up again", async () =>
            (await service.GetAsync("/api/calendar/launch")).Status == HttpStatusCode.OK);
        Assert.Contains("calendar_store_up 1\n", (await service.GetAsync("/metrics")).Text, StringComparison.Ordinal);
    }

    // All connections in use is a reason to wait, and then to refuse one request: the circuit stays as it is for everybody else.
    [Fact]
    public async Task BusyDatabase_IsNotAnOutage()
    {
        var database = _postgres.ConnectionString(await _postgres.CreateDatabaseAsync());
        await using var service = await ServiceHarness.StartAsync(
            database.Replace("Size=20", "Size=2", StringComparison.Ordinal), "Store:BusyTimeout=00:00:00.010");
        await service.GenerateAsync();
        await using var other = new NpgsqlConnection(database);
        await other.OpenAsync();
        await using var holder = await other.BeginTransactionAsync();
        await other.ExecuteAsync("SELECT 1 FROM calendars FOR UPDATE");
        var edit = service.SendAsync(
            HttpMethod.Patch, "/api/calendar/launch/entries/2099-12-01-1", """{"text":"mine"}""", ("If-Match", "\"1\""));
        await Eventually.TrueAsync("the edit waits for its row", async () => await other.ExecuteScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == 1);

        var refused = await service.GetAsync("/api/calendar/launch");
        var metrics = await service.GetAsync("/metrics");
        await holder.RollbackAsync();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "true"), (refused.Status, refused.Header("X-Not-Accepted")));
        Assert.Contains("calendar_store_up 1\n", metrics.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await edit).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/calendar/launch")).Status);
    }

    [Fact]
    public async Task Service_StartedWithoutItsDatabase_MigratesWhenItComes()
    {
        var database = await _postgres.CreateDatabaseAsync();
        await _postgres.StopAsync();

        await using var service = await ServiceHarness.StartAsync(_postgres.Url(database));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await service.GetAsync("/api/calendar")).Status);
        await _postgres.StartAsync();

        await Eventually.TrueAsync("the service works", async () =>
            (await service.GetAsync("/api/calendar")).Status == HttpStatusCode.OK);
        Assert.Equal("done", (await service.GenerateAsync())[^1].EventType);
    }
}
