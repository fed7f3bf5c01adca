using CalendarService.Storage;
using Dapper;

namespace CalendarService.Tests.Storage;

/// <summary>Holds docs/contract.md section 5: the calendar API.</summary>
public sealed class MigrationTests(Databases databases)
{
    [Theory]
    [EveryStore]
    public async Task Migration_OfReplicasThatStartTogether_HappensOnce(string store)
    {
        var database = await databases.NewAsync(store);

        var replicas = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ServiceHarness.StartAsync(database)));

        try
        {
            foreach (var replica in replicas)
                Assert.Equal("up", (string?)(await replica.GetAsync("/readyz")).Json["store"]);
            await using var connection = await Dialect(replicas[0]).OpenAsync(default);
            Assert.Equal(Migrations.All.Count, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM schema_migrations"));
        }
        finally
        {
            foreach (var replica in replicas)
                await replica.DisposeAsync();
        }
    }

    [Theory]
    [EveryStore]
    public async Task Intents_HaveExactlyTheColumnsOfTheContract(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        await using var connection = await Dialect(service).OpenAsync(default);

        await using var reader = await connection.ExecuteReaderAsync("SELECT * FROM publish_intents");

        Assert.Equal(
            ["id", "calendar_id", "run_id", "user_id", "channel", "payload", "status", "error", "created_at"],
            Enumerable.Range(0, reader.FieldCount).Select(reader.GetName));
    }

    [Fact]
    public async Task Times_OnPostgres_AreTimestamptz()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("postgres"));
        await using var connection = await Dialect(service).OpenAsync(default);

        var types = await connection.QueryAsync<string>(
            "SELECT data_type FROM information_schema.columns WHERE table_schema = 'public' AND column_name LIKE '%\\_at'");

        Assert.All(types, type => Assert.Equal("timestamp with time zone", type));
    }

    private static Dialect Dialect(ServiceHarness service) =>
        (Dialect)service.Services.GetService(typeof(Dialect))!;
}
