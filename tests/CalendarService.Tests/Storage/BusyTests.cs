using System.Diagnostics;
using System.Net;
using CalendarService.Storage;
using Dapper;
using Harness;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CalendarService.Tests.Storage;

/// <summary>
/// A database that is slow, or takes no more connections, is not away. Has a Postgres of its own, because it freezes it.
/// Holds docs/contract.md section 5: the calendar API.
/// </summary>
public sealed class BusyTests : IAsyncLifetime
{
    private const string Launch = """{"calendarId":"launch"}""";

    private readonly LogLines _log = new();
    private PostgresServer _postgres = null!;
    private string _database = "";

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresServer.StartNewAsync();
        _database = await _postgres.CreateDatabaseAsync();
    }

    public ValueTask DisposeAsync() => _postgres.DisposeAsync();

    [Fact]
    public async Task TooFewConnections_AreShared_AndNobodyIsRefused()
    {
        await LimitAsync(4);
        await using var service = await ServiceHarness.StartAsync(AsUser(), _log);
        await service.GenerateAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(async client =>
            (Load: (await service.GetAsync("/api/calendar/launch")).Status,
                Publish: (await service.PostAsync("/api/publish", Launch)).Status)));

        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), answer));
        Assert.DoesNotContain(_log.All, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NoConnectionForLong_RefusesTheRequest_AndNobodyElse()
    {
        await LimitAsync(2); // One is the probe's.
        await using var service = await ServiceHarness.StartAsync(AsUser(), _log, "Store:BusyTimeout=00:00:00.010");
        await service.GenerateAsync();
        service.Services.GetRequiredService<Dialect>().ForgetConnections();
        await using var holder = new NpgsqlConnection(AsUser() + ";Pooling=false");
        await holder.OpenAsync();

        var load = await service.GetAsync("/api/calendar/launch");
        var publish = await service.PostAsync("/api/publish", Launch);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "true"), (load.Status, load.Header("X-Not-Accepted")));
        Assert.Equal(HttpStatusCode.Accepted, publish.Status);
        Assert.Equal("up", await StoreAsync(service));

        await holder.CloseAsync();
        await Eventually.TrueAsync(
            "it works again", async () => (await service.GetAsync("/api/calendar/launch")).Status == HttpStatusCode.OK);
        Assert.DoesNotContain(_log.All, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    // A machine without a moment to spare starts no session in time, and serves those that it has.
    [Fact]
    public async Task ServerThatTakesNoNewSessions_IsNotAway()
    {
        await using var service = await ServiceHarness.StartAsync(
            _postgres.Url(_database) + "&connect_timeout=1", _log, "Store:BusyTimeout=00:00:00.010");
        await service.GenerateAsync();
        await SignalAsync("STOP");
        service.Services.GetRequiredService<Dialect>().ForgetConnections();

        var refused = await service.GetAsync("/api/calendar/launch");
        var store = await StoreAsync(service);
        await SignalAsync("CONT");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "true", "up"), (refused.Status, refused.Header("X-Not-Accepted"), store));
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/calendar/launch")).Status);
        Assert.DoesNotContain(_log.All, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task LockHeldForLong_IsOneRequestsProblem()
    {
        await using var service = await ServiceHarness.StartAsync(_postgres.ConnectionString(_database) + ";Command Timeout=1", _log);
        await service.GenerateAsync();
        await using var other = await AdminAsync(_database);
        await using var holder = await other.BeginTransactionAsync();
        await other.ExecuteAsync("SELECT 1 FROM calendars FOR UPDATE");

        var edit = await service.SendAsync(
            HttpMethod.Patch, "/api/calendar/launch/entries/2099-12-01-1", """{"text":"mine"}""", ("If-Match", "\"1\""));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "true"), (edit.Status, edit.Header("X-Not-Accepted")));
        Assert.Equal("up", await StoreAsync(service));
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/calendar/launch")).Status);
        Assert.DoesNotContain(_log.All, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("00:00:00.100", "down")]
    [InlineData("00:00:10", "up")]
    public async Task ProbeTimeout_IsHowLongSilenceMayLast(string timeout, string store)
    {
        await using (await ServiceHarness.StartAsync(_postgres.Url(_database)))
            await SlowProbeAsync("0.5");

        await using var service = await ServiceHarness.StartAsync(_postgres.Url(_database), $"Store:ProbeTimeout={timeout}");

        Assert.Equal(store, await StoreAsync(service));
    }

    [Fact]
    public async Task ProbeThatGetsNoAnswer_WhileRequestsDo_IsNoOutage()
    {
        await using var service = await ServiceHarness.StartAsync(_postgres.Url(_database), _log, "Store:ProbeTimeout=00:00:01");
        await service.GenerateAsync();
        await SlowProbeAsync("60");

        await using var admin = await AdminAsync(_database);
        var probes = new HashSet<DateTime>();
        while (probes.Count < 3)
        {
            probes.UnionWith(await admin.QueryAsync<DateTime>("SELECT query_start FROM pg_stat_activity WHERE wait_event = 'PgSleep'"));
            Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/calendar/launch")).Status);
        }

        Assert.DoesNotContain(_log.All, line => line.StartsWith("Error", StringComparison.Ordinal));
        await Eventually.TrueAsync("nobody is answered any more", async () => await StoreAsync(service) == "down");
    }

    private static async Task<string?> StoreAsync(ServiceHarness service) => (string?)(await service.GetAsync("/readyz")).Json["store"];

    private string AsUser() => $"Host=127.0.0.1;Port={_postgres.Port};Username=cal;Database={_database}";

    /// <summary>So many connections for the service, a superuser having others.</summary>
    private async Task LimitAsync(int connections)
    {
        await using var admin = await AdminAsync("postgres");
        await admin.ExecuteAsync($"CREATE ROLE cal LOGIN CONNECTION LIMIT {connections}; ALTER DATABASE {_database} OWNER TO cal");
    }

    private async Task SlowProbeAsync(string seconds)
    {
        await using var admin = await AdminAsync(_database);
        await admin.ExecuteAsync(
            $"""
             BEGIN;
             ALTER TABLE schema_migrations RENAME TO quick;
             CREATE VIEW schema_migrations AS SELECT * FROM quick WHERE pg_sleep({seconds}) IS NOT NULL;
             COMMIT
             """);
    }

    /// <summary>Sent to the postmaster, whom only new sessions need.</summary>
    private async Task SignalAsync(string signal)
    {
        var postmaster = await _postgres.ProcessIdAsync();
        using var kill = Process.Start("kill", [$"-{signal}", $"{postmaster}"]);
        await kill.WaitForExitAsync();
    }

    private async Task<NpgsqlConnection> AdminAsync(string database)
    {
        var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={_postgres.Port};Username=postgres;Database={database};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
