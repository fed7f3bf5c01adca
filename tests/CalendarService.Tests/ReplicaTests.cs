using System.Net;
using CalendarService.Storage;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace CalendarService.Tests;

/// <summary>Two instances on one Postgres, asked at the same moment. Holds docs/contract.md section 5: the calendar API.</summary>
public sealed class ReplicaTests(Databases databases) : IAsyncLifetime
{
    private ServiceHarness _one = null!;
    private ServiceHarness _other = null!;

    public async ValueTask InitializeAsync()
    {
        var database = await databases.NewAsync("postgres");
        string[] settings = ["Writer:BuiltIn:Pace=00:00:00.010", "Stream:PollInterval=00:00:00.020"];
        (_one, _other) = (await ServiceHarness.StartAsync(database, settings), await ServiceHarness.StartAsync(database, settings));
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task Generate_WithOneKeyAtTwoReplicas_IsOneRunThatBothStream()
    {
        for (var round = 0; round < 5; round++)
        {
            var key = ("Idempotency-Key", $"g-{round}");
            var body = ServiceHarness.Generate.Replace("\"calendarId\":\"launch\",", "", StringComparison.Ordinal);

            var streams = await Task.WhenAll(_one.GenerateAsync(body, key), _other.GenerateAsync(body, key));
            var reused = await _other.PostAsync("/api/calendar/generate", ServiceHarness.Generate, key);

            Assert.Equal(streams[0].Select(e => e.Data), streams[1].Select(e => e.Data));
            Assert.Equal("complete", (string?)streams[0][^1].Json()["finishReason"]);
            Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"), (reused.Status, reused.Code));
        }

        Assert.Equal((5, 5), (await CountAsync("runs"), await CountAsync("calendars")));
    }

    [Fact]
    public async Task Publish_WithOneKeyAtTwoReplicas_IsOneSetOfIntents()
    {
        await _one.GenerateAsync();
        for (var round = 0; round < 10; round++)
        {
            var key = ("Idempotency-Key", $"p-{round}");

            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(n =>
                (n % 2 == 0 ? _one : _other).PostAsync("/api/publish", """{"calendarId":"launch"}""", key)));

            Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, answers[0].Text), (answer.Status, answer.Text)));
        }

        Assert.Equal(10 * 8, await CountAsync("publish_intents"));
    }

    [Fact]
    public async Task Save_AtTwoReplicas_OneWinsAndTheOtherLosesNothing()
    {
        await _one.GenerateAsync();
        for (var version = 1; version <= 10; version++)
        {
            var calendar = (await _one.GetAsync("/api/calendar/launch")).Json;

            var answers = await Task.WhenAll(new[] { _one, _other }.Select((replica, n) =>
            {
                var mine = calendar.DeepClone();
                mine["title"] = $"title {version} of {n}";
                return replica.SendAsync(HttpMethod.Put, "/api/calendar/launch", mine.ToJsonString(), ("If-Match", $"\"{version}\""));
            }));

            await OneWonAsync(answers, version);
        }
    }

    [Fact]
    public async Task Patch_DuringAnApply_OneWinsAndNoEditIsLost()
    {
        await _one.GenerateAsync();
        var version = 1;
        for (var round = 0; round < 10; round++)
        {
            var run = await _one.GenerateAsync(ServiceHarness.Generate.Replace("coffee", $"tea {round}", StringComparison.Ordinal));
            var apply = $$"""{"runId":"{{run[0].Json()["runId"]}}"}""";

            var answers = await Task.WhenAll(
                _one.PostAsync("/api/calendar/launch/apply", apply, ("If-Match", $"\"{version}\"")),
                _other.SendAsync(
                    HttpMethod.Patch, "/api/calendar/launch/entries/2099-12-01-1", $$"""{"text":"mine {{round}}"}""",
                    ("If-Match", $"\"{version}\"")));

            Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
            Assert.Single(answers, answer => answer.Status == HttpStatusCode.PreconditionFailed);
            version++;
            var entry = (await _other.GetAsync("/api/calendar/launch")).Json["entries"]![0]!;
            if (answers[1].Status == HttpStatusCode.OK)
                Assert.Equal($"mine {round}", (string?)entry["text"]);
            // Whoever lost tries again, and gets what was asked for.
            var again = answers[1].Status == HttpStatusCode.OK
                ? await _one.PostAsync("/api/calendar/launch/apply", apply, ("If-Match", $"\"{version}\""))
                : await _other.SendAsync(
                    HttpMethod.Patch, "/api/calendar/launch/entries/2099-12-01-1", $$"""{"text":"mine {{round}}"}""",
                    ("If-Match", $"\"{version}\""));
            version = int.Parse(again.ETag!.Trim('"'));
            Assert.Equal($"mine {round}", (string?)(await _one.GetAsync("/api/calendar/launch")).Json["entries"]![0]!["text"]);
        }
    }

    private async Task OneWonAsync(Answer[] answers, int version)
    {
        var winner = Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        var loser = Assert.Single(answers, answer => answer.Status == HttpStatusCode.PreconditionFailed);
        Assert.Equal(($"\"{version + 1}\"", $"\"{version + 1}\""), (winner.ETag, loser.ETag));
        Assert.Equal(winner.Text, (await _other.GetAsync("/api/calendar/launch")).Text);
    }

    private async Task<int> CountAsync(string table)
    {
        await using var connection = await _one.Services.GetRequiredService<Dialect>().OpenAsync(default);
        return await connection.ExecuteScalarAsync<int>($"SELECT count(*) FROM {table}");
    }
}
