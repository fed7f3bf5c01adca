using System.Net;
using CalendarService.Storage;
using Dapper;
using Harness;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CalendarService.Tests.Storage;

/// <summary>
/// Reads of one moment in one round trip: BEGIN and COMMIT are part of the text, so that the library does not see to them.
/// Holds docs/contract.md section 5: the calendar API.
/// </summary>
public sealed class SnapshotTests(Databases databases)
{
    private const string OneSession = ";Maximum Pool Size=2"; // The other one is the probe's.
    private const string NoProbe = "Store:ProbeInterval=00:01:00";

    [Fact]
    public async Task SelectThatFails_LeavesNoTransactionOnTheSession()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("postgres") + OneSession, NoProbe);
        var database = service.Services.GetRequiredService<Database>();
        var session = await SessionAsync(database);

        await Assert.ThrowsAsync<PostgresException>(() => database.SnapshotAsync(
            "SELECT 1; SELECT 1 / 0; SELECT 2", new { }, async results =>
                (await results.ReadAsync<int>()).Concat(await results.ReadAsync<int>()).ToList(), default));

        await AssertUsableAsync(database, session);
    }

    [Theory]
    [InlineData("57P01", "pg_terminate_backend(pg_backend_pid())::text")]
    [InlineData("22012", "(1 / (g - 5000))::text")]
    public async Task SelectThatFailsAmongItsRows_IsToldByTheServersWord(string state, string failure)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("postgres") + OneSession, NoProbe);
        var database = service.Services.GetRequiredService<Database>();

        var error = await Record.ExceptionAsync(() => database.SnapshotAsync(
            $"SELECT CASE g WHEN 5000 THEN {failure} ELSE repeat('x', 100) END FROM generate_series(1, 10000) AS g; SELECT 2", new { },
            results => results.ReadAsync<string>(), default));

        Assert.Equal(state, Assert.IsType<PostgresException>(error is StoreUnavailableException ? error.InnerException : error).SqlState);
    }

    [Fact]
    public async Task ReaderThatThrowsOrStops_LeavesNoTransactionOnTheSession()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("postgres") + OneSession, NoProbe);
        var database = service.Services.GetRequiredService<Database>();
        var session = await SessionAsync(database);

        await Assert.ThrowsAsync<FormatException>(() => database.SnapshotAsync<int>(
            "SELECT 1; SELECT 2", new { }, _ => throw new FormatException(), default));
        Assert.Equal(1, await database.SnapshotAsync(
            "SELECT 1; SELECT generate_series(1, 100000)", new { }, results => results.ReadSingleOrDefaultAsync<int>(), default));

        await AssertUsableAsync(database, session);
    }

    [Fact]
    public async Task CancelledHalfWay_LeavesNoTransactionOnTheSession()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("postgres") + OneSession, NoProbe);
        var database = service.Services.GetRequiredService<Database>();
        using var cancel = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => database.SnapshotAsync(
            "SELECT 1; SELECT pg_sleep(60)::text", new { },
            async results =>
            {
                await cancel.CancelAsync();
                return await results.ReadSingleOrDefaultAsync<int>() + (await results.ReadAsync<string>()).Count;
            },
            cancel.Token));

        await AssertUsableAsync(database, await SessionAsync(database));
    }

    // What is left unread is read and thrown away. To have the server cancel it takes a connection of its own, which may come late and
    // hit whoever has the session then.
    [Fact]
    public async Task AnswerThatNeedsNotAllResults_CancelsNothing()
    {
        await using var proxy = FaultProxy.Start(new Uri($"http://127.0.0.1:{databases.Postgres.Port}"));
        var database = new NpgsqlConnectionStringBuilder(await databases.NewAsync("postgres")) { Port = proxy.Address.Port };
        await using var service = await ServiceHarness.StartAsync(database.ConnectionString, NoProbe);
        await service.GenerateAsync();
        var first = await service.PostAsync("/api/publish", """{"calendarId":"launch"}""", ("Idempotency-Key", "k"));
        var connections = proxy.Connections;

        var again = await service.PostAsync("/api/publish", """{"calendarId":"launch"}""", ("Idempotency-Key", "k"));
        var unknown = await service.PostAsync("/api/publish", """{"calendarId":"nobodys"}""");

        Assert.Equal((HttpStatusCode.OK, first.Text), (again.Status, again.Text));
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
        Assert.Equal(connections, proxy.Connections);
    }

    private static Task<int> SessionAsync(Database database) =>
        database.ReadAsync(connection => connection.ExecuteScalarAsync<int>("SELECT pg_backend_pid()"), default);

    private static async Task AssertUsableAsync(Database database, int session)
    {
        var (now, before, after) = await database.ReadAsync(
            async connection => (
                await connection.ExecuteScalarAsync<int>("SELECT pg_backend_pid()"),
                await connection.ExecuteScalarAsync<DateTime>("SELECT now()"),
                await connection.ExecuteScalarAsync<DateTime>("SELECT now()")),
            default);
        Assert.Equal(session, now);
        Assert.NotEqual(before, after); // Within one transaction it stands still.
        await database.WriteAloneAsync(connection => connection.ExecuteAsync("UPDATE schema_migrations SET number = number"), default);
    }
}
