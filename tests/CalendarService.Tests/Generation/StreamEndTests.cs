using System.Net;
using Dapper;
using Harness;
using Npgsql;

namespace CalendarService.Tests.Generation;

/// <summary>Whoever waits for <c>done</c> gets it, at whatever moment the run ends. Holds docs/contract.md section 6: the stream.</summary>
public sealed class StreamEndTests(Databases databases)
{
    [Fact]
    public async Task Run_OfAnotherReplica_ThatEndsWhileItsEventsCannotBeRead_IsSentWithItsDone()
    {
        var (database, log) = (await databases.NewAsync("postgres"), new LogLines());
        await using var service = await ServiceHarness.StartAsync(database + ";Command Timeout=1", log, "Stream:PollInterval=00:00:00.020");
        var events = await service.GenerateAsync();
        var runId = (string)events[0].Json()["runId"]!;
        await using var other = await OpenAsync(database);
        await other.ExecuteAsync(
            """
            UPDATE runs SET status = 'running', alive_at = now() + interval '1 hour';
            CREATE TABLE later AS SELECT * FROM run_events WHERE type = 'done';
            DELETE FROM run_events WHERE type = 'done'
            """);

        using var request = ServiceHarness.Request(
            HttpMethod.Get, $"/api/calendar/runs/{runId}/stream", null, ("Last-Event-ID", $"{events.Count - 1}"));
        using var response = await service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var holder = await OpenAsync(database);
        await using (var held = await holder.BeginTransactionAsync())
        {
            await holder.ExecuteAsync("LOCK TABLE run_events IN ACCESS EXCLUSIVE MODE; INSERT INTO run_events SELECT * FROM later");
            await other.ExecuteAsync("UPDATE runs SET status = 'complete'");
            var refused = Refused(log);
            await Eventually.TrueAsync("the stream looks in vain", () => Refused(log) >= refused + 3);
            await held.CommitAsync();
        }

        Assert.Equal("done", Assert.Single(await ServiceHarness.EventsAsync(response).WaitAsync(TimeSpan.FromSeconds(30))).EventType);
    }

    private static int Refused(LogLines log) => log.All.Count(line => line.Contains("refused one request", StringComparison.Ordinal));

    private static async Task<NpgsqlConnection> OpenAsync(string database)
    {
        var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
