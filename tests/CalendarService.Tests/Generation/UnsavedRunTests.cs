using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;
using CalendarService.Calendars;
using CalendarService.Generation;
using CalendarService.Runs;
using CalendarService.Storage;
using CalendarService.Tests.Publishing.Spool;
using CalendarService.Tests.Storage;
using Dapper;
using Harness;
using Microsoft.Extensions.DependencyInjection;

namespace CalendarService.Tests.Generation;

/// <summary>
/// Generating while the database is away. Longer than other files because its tests share one Postgres, which starts slowly and which
/// they stop.
/// Holds docs/contract.md section 6: the stream.
/// </summary>
public sealed class UnsavedRunTests(StoppablePostgres postgres) : IClassFixture<StoppablePostgres>, IAsyncLifetime
{
    private static readonly (string, string) Key = ("Idempotency-Key", "k-1");
    private static readonly string LongRun = ServiceHarness.Generate.Replace("\"days\":2", "\"days\":15", StringComparison.Ordinal);
    private static readonly string NewCalendar = ServiceHarness.Generate.Replace(
        "\"calendarId\":\"launch\",", "", StringComparison.Ordinal);

    private string _database = "";

    public async ValueTask InitializeAsync() => _database = await postgres.NewAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Generate_WithoutTheDatabase_Streams_SaysSo_AndIsSavedOnceItIsBack()
    {
        var log = new LogLines();
        await using var service = await StartAsync(log);
        await postgres.StopAsync();

        var events = await service.GenerateAsync();
        var runId = (string)events[0].Json()["runId"]!;
        var calendar = await service.GetAsync("/api/calendar/launch");
        var during = await StreamAsync(service, runId);
        var nothing = await service.GetAsync($"/api/calendar/runs/{runId}/stream", ("Last-Event-ID", "7"));
        var cancel = await service.PostAsync($"/api/calendar/runs/{runId}/cancel", "");
        using var eve = service.ClientOf("eve");
        using var others = await eve.GetAsync(new Uri($"/api/calendar/runs/{runId}/stream", UriKind.Relative));
        var unsaved = (int)(await service.GetAsync("/readyz")).Json["unsavedRuns"]!;
        await postgres.StartAsync();
        await SavedAsync(service);

        Assert.Equal(["meta", "warning", "entry", "entry", "entry", "entry", "done"], events.Select(e => e.EventType));
        Assert.Equal("not-saved-yet", (string?)events[1].Json()["code"]);
        Assert.Equal(("complete", false), ((string?)events[^1].Json()["finishReason"], (bool)events[^1].Json()["partial"]!));
        Assert.Contains("memory", (string?)events[^1].Json()["message"], StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "true"), (calendar.Status, calendar.Header("X-Not-Accepted")));
        Assert.Equal(events.Select(e => e.Data), during.Select(e => e.Data));
        Assert.All(events.Where(e => e.EventType == "entry"), e => Assert.False((bool)e.Json()["saved"]!));
        Assert.Equal(HttpStatusCode.NoContent, nothing.Status);
        Assert.Equal((HttpStatusCode.OK, "complete", 4), (cancel.Status, (string?)cancel.Json["status"], (int)cancel.Json["entries"]!));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, others.StatusCode);
        Assert.Equal(1, unsaved);

        var saved = (await service.GetAsync("/api/calendar/launch")).Json;
        Assert.Equal(
            (1, runId, "Launch of a coffee brand"), ((int)saved["version"]!, (string?)saved["latestRunId"], (string?)saved["title"]));
        Assert.True(JsonNode.DeepEquals(
            new JsonArray([.. events.Where(e => e.EventType == "entry").Select(e => e.Json()["entry"]!.DeepClone())]), saved["entries"]));
        Assert.Equal(events.Select(Said), (await StreamAsync(service, runId)).Select(e => e.Data));
        Assert.Equal((1, 1, 7),
            (await CountAsync(service, "runs"), await CountAsync(service, "calendars"), await CountAsync(service, "run_events")));
        Assert.Contains("calendar_generation_runs_total{outcome=\"complete\"} 1\n", (await service.GetAsync("/metrics")).Text,
            StringComparison.Ordinal);
        Assert.Single(log.All, line => line.StartsWith("Warning: The run is unsaved", StringComparison.Ordinal));
        Assert.Single(log.All, line => line.StartsWith("Information: The run is saved", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Generate_WithOneKey_DuringAndAfterTheOutage_IsOneRun()
    {
        await using var service = await StartAsync();
        await postgres.StopAsync();

        var during = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => service.GenerateAsync(NewCalendar, Key)));
        var reused = await service.PostAsync("/api/calendar/generate", LongRun, Key);
        await postgres.StartAsync();
        await SavedAsync(service);
        var after = await service.GenerateAsync(NewCalendar, Key);

        Assert.All(during.Append(after), events => Assert.Equal(during[0].Select(Said), events.Select(Said)));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"), (reused.Status, reused.Code));
        Assert.Equal((1, 1), (await CountAsync(service, "runs"), await CountAsync(service, "calendars")));
    }

    [Fact]
    public async Task Generate_WithAKeyThatAnotherReplicaHadBefore_LeavesOneRun_AndSaysWhichIsLost()
    {
        var log = new LogLines();
        await using var other = await StartAsync();
        await using var service = await StartAsync(log);
        var first = await other.GenerateAsync(NewCalendar, Key);
        await postgres.StopAsync();

        var during = await service.GenerateAsync(NewCalendar, Key);
        await postgres.StartAsync();
        await SavedAsync(service);
        await Eventually.TrueAsync(
            "it is told", () => log.All.Any(line => line.StartsWith("Error: The run is lost", StringComparison.Ordinal)));
        var after = await service.GenerateAsync(NewCalendar, Key);

        Assert.NotEqual((string?)first[0].Json()["runId"], (string?)during[0].Json()["runId"]);
        Assert.Equal(first.Select(Said), after.Select(Said));
        Assert.Equal((1, 1), (await CountAsync(service, "runs"), await CountAsync(service, "calendars")));
        Assert.Single(log.All, line => line.StartsWith("Error: The run is lost", StringComparison.Ordinal)
            && line.Contains((string)first[0].Json()["runId"]!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Generate_OfOneCalendarTwice_FillsItWithTheFirst_AndTheSecondWaitsForApply()
    {
        await using var service = await StartAsync();
        await postgres.StopAsync();

        var first = await service.GenerateAsync();
        var second = await service.GenerateAsync(ServiceHarness.Generate.Replace("coffee", "tea", StringComparison.Ordinal));
        await postgres.StartAsync();
        await SavedAsync(service);

        var saved = (await service.GetAsync("/api/calendar/launch")).Json;
        Assert.Equal("Launch of a coffee brand", (string?)saved["title"]);
        Assert.Equal((string?)first[2].Json()["entry"]!["text"], (string?)saved["entries"]![0]!["text"]);
        Assert.Equal((string?)second[0].Json()["runId"], (string?)saved["latestRunId"]);
        var diff = await service.PostAsync("/api/calendar/launch/diff", $$"""{"runId":"{{saved["latestRunId"]}}"}""");
        Assert.NotEmpty(diff.Json["changes"]!.AsArray());
    }

    [Fact]
    public async Task Generate_OfACalendarThatIsThere_LeavesItAsItIs()
    {
        await using var service = await StartAsync();
        await service.GenerateAsync();
        await service.SendAsync(
            HttpMethod.Patch, "/api/calendar/launch/entries/2099-12-01-1", """{"text":"mine"}""", ("If-Match", "\"1\""));
        var before = (await service.GetAsync("/api/calendar/launch")).Json;
        await postgres.StopAsync();

        var run = await service.GenerateAsync(ServiceHarness.Generate.Replace("coffee", "tea", StringComparison.Ordinal));
        await postgres.StartAsync();
        await SavedAsync(service);

        var after = (await service.GetAsync("/api/calendar/launch")).Json;
        Assert.True(JsonNode.DeepEquals(before["entries"], after["entries"]));
        Assert.Equal(2, (int)after["version"]!);
        var applied = await service.PostAsync(
            "/api/calendar/launch/apply", $$"""{"runId":"{{run[0].Json()["runId"]}}"}""", ("If-Match", "\"2\""));
        Assert.Equal(("\"3\"", "mine"), (applied.ETag, (string?)applied.Json["entries"]![0]!["text"]));
    }

    [Fact]
    public async Task Run_WhoseDatabaseGoesAwayForLongerThanItsLease_StreamsOn_AndIsNotTakenForDead()
    {
        string[] settings = ["Writer:BuiltIn:Pace=00:00:00.100", "Generation:Lease=00:00:01"];
        await using var service = await StartAsync(null, settings);
        await using var other = await StartAsync(null, settings);
        using var response = await OpenAsync(service);
        await using var stream = new EventReader(response);
        var seen = new List<StreamEvent> { (await stream.NextAsync())!, (await stream.NextAsync())! };

        await postgres.StopAsync();
        seen.AddRange(await stream.RestAsync()); // 30 posts take 3 s.
        await postgres.StartAsync();
        await SavedAsync(service);
        var runId = response.Headers.GetValues("X-Run-Id").Single();

        Assert.Equal(Enumerable.Range(1, 33).Select(seq => $"{seq}"), seen.Select(e => $"{e.Json.GetProperty("seq")}"));
        Assert.Equal("not-saved-yet", Assert.Single(seen, e => e.Type == "warning").Json.GetProperty("code").GetString());
        Assert.Equal("complete", seen[^1].Json.GetProperty("finishReason").GetString());
        Assert.Contains("memory", seen[^1].Json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(seen.Select(Said), (await StreamAsync(other, runId)).Select(Said));
        Assert.Equal(30, (await other.GetAsync("/api/calendar/launch")).Json["entries"]!.AsArray().Count);
        Assert.Equal(HttpStatusCode.OK, (await other.PostAsync("/api/publish", """{"calendarId":"launch"}""")).Status);
    }

    [Fact]
    public async Task Run_WhoseDatabaseComesBackBeforeItsEnd_SaysThatItIsSaved()
    {
        await using var service = await StartAsync(null, "Writer:BuiltIn:Pace=00:00:00.200");
        await postgres.StopAsync();
        using var response = await OpenAsync(service);
        await using var stream = new EventReader(response);
        StreamEvent[] first = [(await stream.NextAsync())!, (await stream.NextAsync())!];

        await postgres.StartAsync();
        var rest = await stream.RestAsync();
        var runId = response.Headers.GetValues("X-Run-Id").Single();

        Assert.Equal(["meta", "warning"], first.Select(e => e.Type));
        Assert.Contains("saved now", rest[^1].Json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(first.Concat(rest).Select(Said), (await StreamAsync(service, runId)).Select(Said));
        Assert.Equal(30, (await service.GetAsync("/api/calendar/launch")).Json["entries"]!.AsArray().Count);
    }

    [Fact]
    public async Task Cancel_WithoutTheDatabase_StopsTheRun_AndAPartialOneIsNotPublished()
    {
        await using var service = await StartAsync(null, "Writer:BuiltIn:Pace=00:00:00.100");
        await postgres.StopAsync();
        using var response = await OpenAsync(service, LongRun.Replace("\"calendarId\":\"launch\",", "", StringComparison.Ordinal));
        var (runId, calendarId) = (response.Headers.GetValues("X-Run-Id").Single(), response.Headers.GetValues("X-Calendar-Id").Single());

        var cancel = await service.PostAsync($"/api/calendar/runs/{runId}/cancel", "");
        var events = await ServiceHarness.EventsAsync(response);
        var publish = await service.PostAsync("/api/publish", $$"""{"calendarId":"{{calendarId}}"}""");
        await postgres.StartAsync();
        await SavedAsync(service);

        Assert.Equal((HttpStatusCode.OK, "cancelled"), (cancel.Status, (string?)cancel.Json["status"]));
        Assert.Equal("cancelled", (string?)events[^1].Json()["finishReason"]);
        Assert.Equal((HttpStatusCode.Conflict, "run-partial"), (publish.Status, publish.Code));
        Assert.Equal(
            (int)events[^1].Json()["entries"]!, (await service.GetAsync($"/api/calendar/{calendarId}")).Json["entries"]!.AsArray().Count);
    }

    [Fact]
    public async Task Publish_OfWhatIsNotSavedYet_IsQueued_UnlessTheCalendarMayBeThereAlready()
    {
        await using var service = await StartAsync();
        await postgres.StopAsync();
        var calendarId = (string)(await service.GenerateAsync(NewCalendar))[0].Json()["calendarId"]!;
        await service.GenerateAsync();

        var published = await service.PostAsync("/api/publish", $$"""{"calendarId":"{{calendarId}}"}""");
        var perhaps = await service.PostAsync("/api/publish", """{"calendarId":"launch"}""");
        await postgres.StartAsync();
        await SavedAsync(service);
        await Eventually.TrueAsync("the spool is empty", async () =>
            (await service.GetAsync("/metrics")).Text.Contains("calendar_spool_depth 0\n", StringComparison.Ordinal));

        Assert.Equal((HttpStatusCode.Accepted, 8), (published.Status, published.Json["intents"]!.AsArray().Count));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "true"), (perhaps.Status, perhaps.Header("X-Not-Accepted")));
        var listed = (await service.GetAsync($"/api/publish/intents?calendarId={calendarId}")).Json["items"]!.AsArray();
        Assert.Equal(
            published.Json["intents"]!.AsArray().Select(i => (string?)i!["intentId"]).Order(StringComparer.Ordinal),
            listed.Select(i => (string?)i!["intentId"]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Generate_BeyondWhatMayBeUnsaved_IsNotAccepted(int most)
    {
        await using var service = await StartAsync(null, $"Generation:MaxUnsavedRuns={most}", "Generation:StopPatience=00:00:00");
        await postgres.StopAsync();
        for (var n = 0; n < most; n++)
            await service.GenerateAsync(ServiceHarness.Generate, ("Idempotency-Key", $"k-{n}"));
        for (var n = 0; n < most; n++) // Runs that are there already need no room.
            await service.GenerateAsync(ServiceHarness.Generate, ("Idempotency-Key", $"k-{n}"));

        var refused = await service.PostAsync("/api/calendar/generate", ServiceHarness.Generate);
        await postgres.StartAsync();
        await SavedAsync(service);
        await Eventually.TrueAsync("the store is up", async () => (string?)(await service.GetAsync("/readyz")).Json["store"] == "up");

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "store-unavailable", "true"),
            (refused.Status, refused.Code, refused.Header("X-Not-Accepted")));
        Assert.Equal(most, await CountAsync(service, "runs"));
        Assert.Equal("done", (await service.GenerateAsync())[^1].EventType);
    }

    [Fact]
    public async Task Run_ThatNobodyListensTo_IsCancelledWithoutTheDatabaseToo()
    {
        await using var service = await StartAsync(null, "Writer:BuiltIn:Pace=00:00:00.200", "Generation:AbandonAfter=00:00:00.300");
        await postgres.StopAsync();
        string runId;
        using (var response = await OpenAsync(service))
            runId = response.Headers.GetValues("X-Run-Id").Single();

        // Asking for the list of calendars is not listening to the run.
        var live = service.Services.GetRequiredService<LiveRuns>();
        await Eventually.TrueAsync("the run is cancelled", () => live.Find(runId)!.Ending?.Status == RunStatus.Cancelled);
        await postgres.StartAsync();
        await SavedAsync(service);
        Assert.Equal("cancelled", (string?)(await StreamAsync(service, runId))[^1].Json()["finishReason"]);
    }

    [Fact]
    public async Task Process_ThatStops_SavesItsRunsIfTheDatabaseComesBackInTime()
    {
        var service = await StartAsync(null, "Writer:BuiltIn:Pace=00:00:00.100", "Generation:StopPatience=00:00:20");
        await postgres.StopAsync();
        using var response = await OpenAsync(service);
        var reading = ServiceHarness.EventsAsync(response);

        var stopping = service.DisposeAsync();
        await postgres.StartAsync();
        await stopping;
        var events = await reading;

        await using var next = await StartAsync();
        Assert.Equal("shutting-down", (string?)events[^2].Json()["code"]);
        Assert.Equal(
            events.Select(Said), (await StreamAsync(next, response.Headers.GetValues("X-Run-Id").Single())).Select(Said));
    }

    [Fact]
    public async Task Process_ThatStopsWithoutTheDatabase_SaysWhichRunIsLost()
    {
        var log = new LogLines();
        var service = await StartAsync(log, "Generation:StopPatience=00:00:00.100");
        await postgres.StopAsync();
        await service.GenerateAsync();

        await service.DisposeAsync();

        Assert.Single(log.All, line => line.StartsWith("Error: The run is lost, with 4 entries", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Process_TellsOfEachRun_InLinesWithAllFields()
    {
        await using var process = await ServiceProcess.StartAsync(
            _database, Directory.CreateTempSubdirectory("calendar-data-").FullName, "Generation:StopPatience=00:00:00.100");

        await postgres.StopAsync();
        var saved = await process.SendAsync(HttpMethod.Post, "/api/calendar/generate", NewCalendar);
        await postgres.StartAsync();
        await Eventually.TrueAsync("the run is saved", () => StatusesOf(saved).Contains("saved"));
        await postgres.StopAsync();
        var lost = await process.SendAsync(HttpMethod.Post, "/api/calendar/generate", NewCalendar);
        await process.TerminateAsync();

        Assert.Equal(["200", "complete", "saved", "unsaved"], StatusesOf(saved).Order());
        Assert.Equal(["200", "complete", "lost", "unsaved"], StatusesOf(lost).Order());
        Assert.Equal(
            "error", LinesOf(lost).Single(line => line.GetProperty("status").GetString() == "lost").GetProperty("level").GetString());

        IEnumerable<JsonElement> LinesOf(Answer run) =>
            process.Log.Where(line => line.GetProperty("runId").GetString() == run.Header("X-Run-Id"));

        IReadOnlyList<string?> StatusesOf(Answer run) =>
        [
            .. LinesOf(run).Select(line =>
            {
                Assert.Equal(
                    (run.Header("X-Request-Id"), "ada", "linkedin,x", run.Header("X-Calendar-Id")),
                    (line.GetProperty("requestId").GetString(), line.GetProperty("userId").GetString(),
                        line.GetProperty("channel").GetString(),
                        line.GetProperty("calendarId").GetString()));
                return line.GetProperty("status").GetString();
            }).Where(status => status is not null), // The store's own lines have none.
        ];
    }

    // As after a COMMIT whose answer did not arrive: what it wrote is there, and nobody here knows.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_SavedTwice_IsThereOnce(bool ended)
    {
        await using var service = await StartAsync();
        var run = new Run(
            "run-1", "ada", "launch", new(null, "A brief", new(2099, 12, 1), 1, 1, ["x"], "UTC"), true, RunStatus.Running, true, null, 0,
            "request-1", new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero), null);
        var catchUp = service.Services.GetRequiredService<RunCatchUp>();

        foreach (var live in new[] { Behind(run, ended), Behind(run, ended) })
            Assert.Null(await catchUp.SaveAsync(live));

        Assert.Equal((1, ended ? 3 : 2, 1),
            (await CountAsync(service, "runs"), await CountAsync(service, "run_events"), await CountAsync(service, "entries")));
        Assert.Equal(1, (int)(await service.GetAsync("/api/calendar/launch")).Json["version"]!);
    }

    private static LiveRun Behind(Run run, bool ended)
    {
        var live = new LiveRun(run, new("ada", "generate", "k", "hash"), TimeProvider.System) { Keeping = RunKeeping.Behind, Entries = 1 };
        var entry = StoredEntry.ByRun("e1", new(run.CreatedAt, "UTC", ["x"], "text", null, [], []), run.RunId);
        live.Add([RunFrames.Meta(run), RunFrames.Entry(2, entry)]);
        if (ended)
        {
            live.Ending = RunEnding.Complete;
            live.Add(RunFrames.End(3, run, RunEnding.Complete, 1, TimeSpan.Zero));
        }

        return live;
    }

    private static Task SavedAsync(ServiceHarness service) => Eventually.TrueAsync("every run is saved, or lost", async () =>
        (int)(await service.GetAsync("/readyz")).Json["unsavedRuns"]! == 0);

    /// <summary>What an event says but whether it was saved when it was shown.</summary>
    private static string Said(SseItem<string> shown) => shown.Data.Replace("\"saved\":false,", "", StringComparison.Ordinal);

    private static string Said(StreamEvent shown) => shown.Data.Replace("\"saved\":false,", "", StringComparison.Ordinal);

    private static async Task<int> CountAsync(ServiceHarness service, string table)
    {
        await using var connection = await service.Services.GetRequiredService<Dialect>().OpenAsync(default);
        return await connection.ExecuteScalarAsync<int>($"SELECT count(*) FROM {table}");
    }

    private static async Task<HttpResponseMessage> OpenAsync(ServiceHarness service, string? body = null)
    {
        using var request = ServiceHarness.Request(HttpMethod.Post, "/api/calendar/generate", body ?? LongRun);
        return await service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<IReadOnlyList<SseItem<string>>> StreamAsync(ServiceHarness service, string runId)
    {
        using var response = await service.Http.GetAsync(
            new Uri($"/api/calendar/runs/{runId}/stream", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        return await ServiceHarness.EventsAsync(response);
    }

    private Task<ServiceHarness> StartAsync(LogLines? log = null, params string[] settings) =>
        ServiceHarness.StartAsync(_database, log, settings);
}
