using System.Net;
using Harness;

namespace CalendarService.Tests.Storage;

/// <summary>Has a Postgres of its own, because it stops it.</summary>
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
