using System.Net;
using System.Text.Json;
using Dapper;
using Harness;
using Npgsql;

namespace CalendarService.Tests.Publishing.Spool;

/// <summary>Real processes that die between the 202 and the database's return.</summary>
public sealed class SpoolProcessTests : IAsyncLifetime
{
    private const string Launch = """{"calendarId":"launch"}""";

    private readonly string _data = Directory.CreateTempSubdirectory("calendar-data-").FullName;
    private PostgresServer _postgres = null!;
    private string _database = "";

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresServer.StartNewAsync();
        _database = _postgres.ConnectionString(await _postgres.CreateDatabaseAsync());
    }

    public ValueTask DisposeAsync() => _postgres.DisposeAsync();

    [Fact]
    public async Task Publish_OfAProcessThatWasKilled_BecomesExactlyOneRowEach()
    {
        List<Answer> accepted;
        DateTimeOffset died;
        await using (var service = await ServiceProcess.StartAsync(_database, _data))
        {
            await service.SendAsync(HttpMethod.Post, "/api/calendar/generate", ServiceHarness.Generate);
            await _postgres.StopAsync();
            accepted = [.. await Task.WhenAll(Enumerable.Range(0, 20).Select(n => service.SendAsync(
                HttpMethod.Post, "/api/publish", Launch, ("Idempotency-Key", $"k-{n}"))))];
            await AssertSixFieldsAsync(service, ": queued", "queued", accepted.Count * 8);
            await service.KillAsync();
            died = TimeProvider.System.GetUtcNow();
        }

        await _postgres.StartAsync();
        await using var next = await ServiceProcess.StartAsync(_database, _data, "Spool:DrainRate=1000");
        await Eventually.TrueAsync("the spool is empty", async () => await CountAsync("publish_intents", orNone: true) >= 160
            && SpoolTests.SegmentsOf(_data).Length == 0);
        var again = await next.SendAsync(HttpMethod.Post, "/api/publish", Launch, ("Idempotency-Key", "k-7"));

        Assert.All(accepted, answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
        await using var connection = new NpgsqlConnection(_database);
        var ids = await connection.QueryAsync<string>("SELECT id FROM publish_intents ORDER BY id COLLATE \"C\"");
        Assert.Equal(
            accepted.SelectMany(answer => answer.Json["intents"]!.AsArray()).Select(i => (string)i!["intentId"]!)
                .Order(StringComparer.Ordinal), ids);
        Assert.True(await connection.ExecuteScalarAsync<DateTime>("SELECT max(created_at) FROM publish_intents") <= died.UtcDateTime);
        Assert.Equal(HttpStatusCode.OK, again.Status);
        await AssertSixFieldsAsync(next, " replayed: ", "dry_run_ok", 160);
    }

    [Fact]
    public async Task Publish_OfAProcessThatIsKilledWhileItDrains_MakesNoSecondRow()
    {
        await using (var service = await ServiceProcess.StartAsync(_database, _data, "Spool:DrainRate=40"))
        {
            await service.SendAsync(HttpMethod.Post, "/api/calendar/generate", ServiceHarness.Generate);
            await _postgres.StopAsync();
            for (var n = 0; n < 20; n++)
                Assert.Equal(HttpStatusCode.Accepted, (await service.SendAsync(HttpMethod.Post, "/api/publish", Launch)).Status);
            await _postgres.StartAsync();
            await Eventually.TrueAsync("a part of it is replayed", async () => await CountAsync("publish_intents", orNone: true) > 0);
            await service.KillAsync();
        }

        Assert.InRange(await CountAsync("publish_intents"), 1, 159);
        await using var next = await ServiceProcess.StartAsync(_database, _data);
        await Eventually.TrueAsync("the spool is empty", () => SpoolTests.SegmentsOf(_data).Length == 0);

        Assert.Equal(160, await CountAsync("publish_intents"));
    }

    [Fact]
    public async Task Publish_OnADiskThatFillsUp_IsKeptWholeOrRefused_AndTheRowsAreThoseThatWereKept()
    {
        var answers = new List<Answer>();
        await using (var service = await ServiceProcess.StartAsync(_database, _data, "100", []))
        {
            await service.SendAsync(HttpMethod.Post, "/api/calendar/generate", ServiceHarness.Generate);
            await _postgres.StopAsync();
            // Together, so that one write holds several, of which only the first fit.
            for (var round = 0; round < 5; round++)
            {
                answers.AddRange(await Task.WhenAll(Enumerable.Range(0, 24).Select(_ =>
                    service.SendAsync(HttpMethod.Post, "/api/publish", Launch))));
            }

            await service.KillAsync();
        }

        await using var next = await ServiceProcess.StartAsync(_database, _data);
        await _postgres.StartAsync();
        var kept = answers.Where(answer => answer.Status == HttpStatusCode.Accepted).ToList();
        await Eventually.TrueAsync("the rows are there", async () => await CountAsync("publish_intents", orNone: true) >= kept.Count * 8);
        await Eventually.TrueAsync("the spool is empty", () => SpoolTests.SegmentsOf(_data).Length == 0);

        Assert.InRange(kept.Count, 3, answers.Count - 1);
        Assert.All(answers.Except(kept), answer => Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "spool-unavailable", "true"),
            (answer.Status, answer.Code, answer.Header("X-Not-Accepted"))));
        Assert.Equal(kept.Count * 8, await CountAsync("publish_intents"));
        Assert.False(Directory.Exists(Path.Combine(_data, "spool", "damaged")));
    }

    private async Task<int> CountAsync(string table, bool orNone = false)
    {
        try
        {
            await using var connection = new NpgsqlConnection(_database);
            return await connection.ExecuteScalarAsync<int>($"SELECT count(*) FROM {table}");
        }
        catch (NpgsqlException) when (orNone)
        {
            return -1; // The first connection out of the pool may be from before the outage.
        }
    }

    private static async Task AssertSixFieldsAsync(ServiceProcess service, string saying, string status, int count)
    {
        await Eventually.TrueAsync($"{count} lines say {status}", () => Lines().Length >= count); // They are written behind the answer.
        string[] keys = ["requestId", "userId", "channel", "calendarId", "runId"];
        Assert.Equal(count, Lines().Length);
        Assert.All(Lines(), line => Assert.All(keys, key => Assert.False(string.IsNullOrEmpty(line.GetProperty(key).GetString()), key)));

        JsonElement[] Lines() =>
        [
            .. service.Log.Where(line => line.GetProperty("status").GetString() == status
                && line.GetProperty("message").GetString()!.Contains(saying, StringComparison.Ordinal)),
        ];
    }
}
