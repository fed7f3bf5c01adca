using System.Net;
using CalendarService.Storage;
using Dapper;
using Harness;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CalendarService.Tests.Storage;

/// <summary>A Postgres behind a PgBouncer in transaction mode, with a user whose name and password need escaping in a URL.</summary>
public sealed class PooledPostgres : IAsyncLifetime
{
    private const string User = "cal.endar+1@home";
    private const string Password = "p@ss/w#rd:1%?&\"é";

    public StoppablePostgres Server { get; } = new();

    public PgBouncer Pooler { get; private set; } = null!;

    /// <summary>Sends a client away that waits for a server for a second; the default is two minutes.</summary>
    public PgBouncer Impatient { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Server.InitializeAsync();
        await using var connection = await AdminAsync();
        await connection.ExecuteAsync($"CREATE ROLE \"{User}\" LOGIN");
        Pooler = await PgBouncer.StartNewAsync(Server.Port, 4, TimeSpan.FromMinutes(2), (User, Password));
        Impatient = await PgBouncer.StartNewAsync(Server.Port, 4, TimeSpan.FromSeconds(1), (User, Password));
    }

    /// <returns>The URL of a new database through the pooler.</returns>
    public async Task<string> NewAsync(PgBouncer pooler, string sslMode = "disable", string password = Password)
    {
        await Server.StartAsync();
        await using var connection = await AdminAsync();
        var name = "test_" + Guid.NewGuid().ToString("N");
        await connection.ExecuteAsync($"CREATE DATABASE {name} OWNER \"{User}\"");
        return pooler.Url(User, password, name, sslMode) + "&connect_timeout=30"; // A busy machine is no outage.
    }

    public async ValueTask DisposeAsync()
    {
        await Pooler.DisposeAsync();
        await Impatient.DisposeAsync();
        await Server.DisposeAsync();
    }

    private async Task<NpgsqlConnection> AdminAsync()
    {
        var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={Server.Port};Username=postgres;Database=postgres;Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}

/// <summary>Holds docs/contract.md section 5: the calendar API.</summary>
public sealed class PoolerTests(PooledPostgres postgres) : IClassFixture<PooledPostgres>
{
    private const string Launch = """{"calendarId":"launch"}""";

    [Theory]
    [InlineData("disable")]
    [InlineData("prefer")]
    public async Task Replicas_BehindATransactionPooler_DoEverythingAtOnce(string sslMode)
    {
        var (database, log) = (await postgres.NewAsync(postgres.Pooler, sslMode), new LogLines());
        var replicas = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ =>
            ServiceHarness.StartAsync(database, log, "Store:ProbeTimeout=00:00:30"))); // A probe waits its turn, too.
        try
        {
            // 24 at a time on 4 connections.
            await Task.WhenAll(Enumerable.Range(0, 24).Select(n => UseAsync(replicas[n % 3], replicas[(n + 1) % 3], $"c{n}")));

            Assert.Equal(
                (24, 24, 24 * 9, Migrations.All.Count),
                (await CountAsync(replicas[0], "calendars"), await CountAsync(replicas[0], "runs"),
                    await CountAsync(replicas[0], "publish_intents"),
                    await CountAsync(replicas[0], "schema_migrations")));
            Assert.DoesNotContain(log.All, line =>
                line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Warning", StringComparison.Ordinal));
        }
        finally
        {
            foreach (var replica in replicas)
                await replica.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Outage_OfThePooler_OrOfTheServerBehindIt_QueuesAndReplays(bool behind)
    {
        await using var service = await ServiceHarness.StartAsync(await postgres.NewAsync(behind ? postgres.Impatient : postgres.Pooler));
        await service.GenerateAsync();

        await (behind ? postgres.Server.StopAsync() : postgres.Pooler.KillAsync());
        var publish = await service.PostAsync("/api/publish", Launch);
        var load = await service.GetAsync("/api/calendar/launch");
        var run = await service.GenerateAsync();
        var ready = (await service.GetAsync("/readyz")).Json;
        await (behind ? postgres.Server.StartAsync() : postgres.Pooler.StartAsync());
        await Eventually.TrueAsync("all is saved", async () =>
            (int)(await service.GetAsync("/readyz")).Json["unsavedRuns"]! == 0
            && (await service.GetAsync("/metrics")).Text.Contains("calendar_spool_depth 0\n", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.Accepted, publish.Status);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "true"), (load.Status, load.Header("X-Not-Accepted")));
        Assert.Equal("complete", (string?)run[^1].Json()["finishReason"]);
        Assert.Equal("down", (string?)ready["store"]);
        Assert.Equal((8, 2), (await CountAsync(service, "publish_intents"), await CountAsync(service, "runs")));
    }

    // The pooler is there and lets everybody wait, for two minutes: no request that asked it would ever find out.
    [Fact]
    public async Task ServerThatDiesBehindAPatientPooler_IsNoticedWithoutARequest()
    {
        await using var service = await ServiceHarness.StartAsync(await postgres.NewAsync(postgres.Pooler), "Store:ProbeTimeout=00:00:01");
        await service.GenerateAsync();

        await postgres.Server.StopAsync();
        await Eventually.TrueAsync("it is away", async () => (string?)(await service.GetAsync("/readyz")).Json["store"] == "down");
        var publish = await service.PostAsync("/api/publish", Launch);
        await postgres.Server.StartAsync();
        await Eventually.TrueAsync("all is saved", async () =>
            (await service.GetAsync("/metrics")).Text.Contains("calendar_spool_depth 0\n", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.Accepted, publish.Status);
        Assert.Equal(8, await CountAsync(service, "publish_intents"));
    }

    // Before the probe has noticed: the request asks whether there is a server before it trusts the pooler with its statement.
    [Fact]
    public async Task FirstRequestAfterTheServerBehindAPatientPoolerDied_DoesNotWaitForItsStatement()
    {
        Assert.True(StoreAddress.TryParse(await postgres.NewAsync(postgres.Pooler), "", out var address, out _));
        await using var service = await ServiceHarness.StartAsync(
            address.ConnectionString + ";Command Timeout=600", "Store:ProbeInterval=00:01:00", "Store:ProbeTimeout=00:00:01");
        await service.GenerateAsync();

        await postgres.Server.StopAsync();
        var health = service.Services.GetRequiredService<StoreHealth>();
        await Eventually.TrueAsync("nobody asked for a while", () => !health.AnsweredWithin(TimeSpan.FromMilliseconds(100)));

        Assert.Equal(HttpStatusCode.Accepted, (await service.PostAsync("/api/publish", Launch)).Status);
    }

    [Fact]
    public async Task Password_ThatIsWrong_IsAStoreThatIsAway()
    {
        await using var service = await ServiceHarness.StartAsync(await postgres.NewAsync(postgres.Pooler, password: "wrong"));

        Assert.Equal("down", (string?)(await service.GetAsync("/readyz")).Json["store"]);
        Assert.Equal("true", (await service.GetAsync("/api/calendar")).Header("X-Not-Accepted"));
    }

    private static async Task UseAsync(ServiceHarness one, ServiceHarness other, string calendarId)
    {
        var (generate, key) = (
            ServiceHarness.Generate.Replace("launch", calendarId, StringComparison.Ordinal), ("Idempotency-Key", calendarId));
        var runs = await Task.WhenAll(one.GenerateAsync(generate, key), other.GenerateAsync(generate, key));
        Assert.Equal(runs[0].Select(e => e.Data), runs[1].Select(e => e.Data));

        var path = $"/api/calendar/{calendarId}";
        var calendar = (await other.GetAsync(path)).Json;
        calendar["title"] = "Mine";
        calendar["entries"]!.AsArray().Add(System.Text.Json.Nodes.JsonNode.Parse(
            """{"entryId":"by-hand","scheduledAt":"2099-12-05T09:00:00Z","channels":["x"],"text":"t"}"""));
        Assert.Equal("\"2\"", (await one.SendAsync(HttpMethod.Put, path, calendar.ToJsonString(), ("If-Match", "\"1\""))).ETag);
        Assert.Equal("\"3\"", (await other.SendAsync(
            HttpMethod.Patch, path + "/entries/by-hand", """{"text":"mine"}""", ("If-Match", "\"2\""))).ETag);

        var publish = $$"""{"calendarId":"{{calendarId}}"}""";
        var answers = await Task.WhenAll(one.PostAsync("/api/publish", publish, key), other.PostAsync("/api/publish", publish, key));
        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, answers[0].Text), (answer.Status, answer.Text)));
        Assert.Equal("mine", (string?)(await one.GetAsync(path)).Json["entries"]!.AsArray()[^1]!["text"]);
        Assert.Equal(
            5, (await one.GetAsync(path + "/export?format=csv")).Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length - 1);
    }

    private static async Task<int> CountAsync(ServiceHarness service, string table)
    {
        await using var connection = await service.Services.GetRequiredService<Dialect>().OpenAsync(default);
        return await connection.ExecuteScalarAsync<int>($"SELECT count(*) FROM {table}");
    }
}
