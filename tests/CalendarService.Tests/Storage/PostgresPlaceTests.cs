using System.Globalization;
using Dapper;
using Npgsql;

namespace CalendarService.Tests.Storage;

/// <summary>Addresses that lead somewhere else than a host's default place, against a real server.</summary>
public sealed class PostgresPlaceTests(Databases databases)
{
    private string Place => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{databases.Postgres.Port}");

    [Theory]
    [InlineData("postgresql://postgres@{0}/{1}?options=-c%20search_path%3Dapp")]
    [InlineData("user=postgres host=127.0.0.1 port={2} dbname={1} options='-c search_path=app'")]
    [InlineData("Host=127.0.0.1;Port={2};Username=postgres;Database={1};Search Path=app")]
    public async Task SearchPath_OfTheAddress_IsWhereTheTablesAre(string form)
    {
        var database = await databases.Postgres.CreateDatabaseAsync();
        await using var connection = new NpgsqlConnection(databases.Postgres.ConnectionString(database));
        await connection.ExecuteAsync("CREATE SCHEMA app");

        await using var service = await StartAsync(form, database);

        Assert.Equal("up", (string?)(await service.GetAsync("/readyz")).Json["store"]);
        Assert.Equal(["app"], await connection.QueryAsync<string>(
            "SELECT DISTINCT schemaname::text FROM pg_tables WHERE tablename IN ('calendars', 'entries', 'runs', 'schema_migrations')"));
    }

    [Theory]
    [InlineData("postgresql://postgres@/{1}?host={3}&port={2}")]
    [InlineData("postgresql:///{1}?host={3}&port={2}&user=postgres")]
    [InlineData("host={3} port={2} user=postgres dbname={1}")]
    public async Task Socket_InAFolder_IsConnectedTo(string form)
    {
        await using var service = await StartAsync(form, await databases.Postgres.CreateDatabaseAsync());

        Assert.Equal("up", (string?)(await service.GetAsync("/readyz")).Json["store"]);
    }

    [Theory]
    [InlineData("postgresql://postgres@127.0.0.1:1,{0}/{1}?target_session_attrs=read-write")]
    [InlineData("postgresql://postgres@127.0.0.1:1,{0}/{1}?target_session_attrs=primary")]
    [InlineData("postgresql://postgres@{0},127.0.0.1:1/{1}")]
    [InlineData("host=127.0.0.1,127.0.0.1 port=1,{2} user=postgres dbname={1} target_session_attrs=any")]
    public async Task SeveralHosts_OneOfThemAway_AreOneStore(string form)
    {
        await using var service = await StartAsync(form, await databases.Postgres.CreateDatabaseAsync());

        Assert.Equal("up", (string?)(await service.GetAsync("/readyz")).Json["store"]);
        Assert.Equal(3 + 3, (await service.GenerateAsync()).Count);
    }

    private Task<ServiceHarness> StartAsync(string form, string database) => ServiceHarness.StartAsync(string.Format(
        CultureInfo.InvariantCulture, form, Place, database, databases.Postgres.Port, databases.Postgres.Folder));
}
