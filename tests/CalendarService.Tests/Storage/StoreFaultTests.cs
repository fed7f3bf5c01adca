using System.Net;
using CalendarService.Storage;
using Dapper;
using Harness;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CalendarService.Tests.Storage;

/// <summary>
/// What each failure of a real Postgres does to the request that meets it, and to everybody else's.
/// Holds docs/contract.md section 5: the calendar API.
/// </summary>
public sealed class StoreFaultTests(Databases databases)
{
    private const string Launch = """{"calendarId":"launch"}""";
    private const string NoProbe = "Store:ProbeInterval=00:01:00";

    private readonly LogLines _log = new();

    [Theory]
    [InlineData("57P03", "down", HttpStatusCode.Accepted, HttpStatusCode.ServiceUnavailable)] // Away
    [InlineData("57P04", "down", HttpStatusCode.Accepted, HttpStatusCode.ServiceUnavailable)]
    [InlineData("08P01", "down", HttpStatusCode.Accepted, HttpStatusCode.ServiceUnavailable)]
    [InlineData("XX000", "down", HttpStatusCode.Accepted, HttpStatusCode.ServiceUnavailable)]
    [InlineData("25006", "read-only", HttpStatusCode.Accepted, HttpStatusCode.OK)] // WritesAway
    [InlineData("53100", "read-only", HttpStatusCode.Accepted, HttpStatusCode.OK)]
    [InlineData("25P04", "up", HttpStatusCode.Accepted, HttpStatusCode.OK)] // NotNow
    [InlineData("53200", "up", HttpStatusCode.Accepted, HttpStatusCode.OK)]
    [InlineData("55P03", "up", HttpStatusCode.Accepted, HttpStatusCode.OK)]
    [InlineData("57014", "up", HttpStatusCode.Accepted, HttpStatusCode.OK)]
    [InlineData("58030", "up", HttpStatusCode.Accepted, HttpStatusCode.OK)]
    [InlineData("XX001", "up", HttpStatusCode.Accepted, HttpStatusCode.OK)]
    [InlineData("40001", "up", HttpStatusCode.Accepted, HttpStatusCode.OK)] // Again, and again
    [InlineData("42501", "up", HttpStatusCode.InternalServerError, HttpStatusCode.OK)] // None: a person has to mend it
    public async Task Publish_ThatFails_LosesNothing(string state, string store, HttpStatusCode publish, HttpStatusCode load)
    {
        var database = await databases.NewAsync("postgres");
        await using var service = await ServiceHarness.StartAsync(database, NoProbe);
        await service.GenerateAsync();
        await FailAsync(database, "publish_intents", state);

        Assert.Equal(publish, (await service.PostAsync("/api/publish", Launch)).Status);
        Assert.Equal(store, await StoreAsync(service));
        Assert.Equal(load, (await service.GetAsync("/api/calendar/launch")).Status);
    }

    [Theory]
    [InlineData("40P01")]
    [InlineData("40001")]
    public async Task Transaction_UndoneForAnother_RunsAgain(string state)
    {
        var database = await databases.NewAsync("postgres");
        await using var service = await ServiceHarness.StartAsync(database, _log);
        await service.GenerateAsync();
        await FailAsync(database, "publish_intents", state, times: 1);
        await FailAsync(database, "entries", state, times: 2);

        var publish = await service.PostAsync("/api/publish", Launch, ("Idempotency-Key", "k"));
        var edit = await service.SendAsync(
            HttpMethod.Patch, "/api/calendar/launch/entries/2099-12-01-1", """{"text":"mine"}""", ("If-Match", "\"1\""));

        Assert.Equal(HttpStatusCode.OK, publish.Status);
        Assert.Equal((HttpStatusCode.OK, "\"2\""), (edit.Status, edit.ETag));
        await using var admin = await OpenAsync(database);
        Assert.Equal(8, await admin.ExecuteScalarAsync<int>("SELECT count(*) FROM publish_intents"));
        Assert.DoesNotContain(_log.All, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    // A disk that is full is a database that can be read: a probe that only reads would close the circuit at once, and again and again.
    [Fact]
    public async Task Circuit_IsClosedByAWrite_NotByARead()
    {
        var database = await databases.NewAsync("postgres");
        await using var service = await ServiceHarness.StartAsync(database, _log);
        await service.GenerateAsync();
        await FailAsync(database, "schema_migrations", "53100");
        await FailAsync(database, "publish_intents", "53100");
        Assert.Equal(HttpStatusCode.Accepted, (await service.PostAsync("/api/publish", Launch)).Status);

        await using var admin = await OpenAsync(database);
        await Eventually.TrueAsync(
            "three probes", async () => await admin.ExecuteScalarAsync<int>("SELECT last_value FROM failed_schema_migrations") >= 3);
        Assert.Equal("read-only", await StoreAsync(service));
        Assert.Single(_log.All, line => line.Contains("Calendar store is up", StringComparison.Ordinal));

        await admin.ExecuteAsync("DROP TRIGGER fail ON publish_intents; DROP TRIGGER fail ON schema_migrations");
        await Eventually.TrueAsync("the spool is empty", async () =>
            (await service.GetAsync("/metrics")).Text.Contains("calendar_spool_depth 0\n", StringComparison.Ordinal));
        Assert.Equal(8, await admin.ExecuteScalarAsync<int>("SELECT count(*) FROM publish_intents"));
    }

    [Theory]
    [InlineData("00:00:00.300")] // The probe's session dies between two probes.
    [InlineData("00:01:00")] // Nobody has asked for a while: the request asks first.
    public async Task Sessions_EndedForIdling_AreNoOutage(string probeInterval)
    {
        var database = await databases.NewAsync("postgres");
        await using var admin = await OpenAsync(database);
        await admin.ExecuteAsync($"ALTER DATABASE {admin.Database} SET idle_session_timeout = '200ms'");
        await using var service = await ServiceHarness.StartAsync(database, _log, $"Store:ProbeInterval={probeInterval}");
        await service.GenerateAsync();

        for (var round = 0; round < 3; round++)
        {
            await NoSessionsAsync(admin);
            Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/calendar/launch")).Status);
            await NoSessionsAsync(admin);
            Assert.Equal(HttpStatusCode.OK, (await service.PostAsync("/api/publish", Launch)).Status);
        }

        Assert.DoesNotContain(_log.All, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sessions_EndedByAnOperatorWhileTheyIdle_AreNoOutage()
    {
        var database = await databases.NewAsync("postgres");
        await using var service = await ServiceHarness.StartAsync(database, _log, NoProbe);
        await service.GenerateAsync();
        await using var admin = await OpenAsync(database);
        await admin.ExecuteAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        await NoSessionsAsync(admin);
        var health = service.Services.GetRequiredService<StoreHealth>();
        await Eventually.TrueAsync("nobody asked for a while", () => !health.AnsweredWithin(TimeSpan.FromMilliseconds(100)));

        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync("/api/publish", Launch)).Status);
        Assert.DoesNotContain(_log.All, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    private static async Task<string?> StoreAsync(ServiceHarness service) => (string?)(await service.GetAsync("/readyz")).Json["store"];

    private static Task NoSessionsAsync(NpgsqlConnection admin) => Eventually.TrueAsync("no session is left but the probe's", async () =>
        await admin.ExecuteScalarAsync<int>(
            """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                AND query NOT LIKE '%schema_migrations%' AND query NOT LIKE '%transaction_read_only%'
            """) == 0);

    /// <summary>
    /// Makes every write of a table fail, or the next few. How many did is the value of a sequence, which no rollback takes back.
    /// </summary>
    private static async Task FailAsync(string database, string table, string state, int times = int.MaxValue)
    {
        await using var admin = await OpenAsync(database);
        await admin.ExecuteAsync(
            $"""
             CREATE SEQUENCE failed_{table};
             CREATE FUNCTION fail_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF nextval('failed_{table}') <= {times} THEN RAISE EXCEPTION USING ERRCODE = '{state}',
                     MESSAGE = 'as the test wants it'; END IF;
                 RETURN NEW;
             END $$;
             CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION fail_{table}();
             """);
    }

    private static async Task<NpgsqlConnection> OpenAsync(string database)
    {
        var connection = new NpgsqlConnection(database.Replace("Pooling=true", "Pooling=false", StringComparison.Ordinal));
        await connection.OpenAsync();
        return connection;
    }
}
