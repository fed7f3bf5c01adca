using System.Net;
using System.Net.ServerSentEvents;
using Dapper;
using Harness;
using Npgsql;

namespace CalendarService.Tests.Generation;

/// <summary>
/// A run from its request to its end, over HTTP. A little over 250 lines: one story, and each test is a step of it.
/// Holds docs/contract.md section 6: the stream.
/// </summary>
public sealed class GenerationTests(Databases databases)
{
    private static readonly string LongRun = ServiceHarness.Generate.Replace("\"days\":2", "\"days\":15", StringComparison.Ordinal);

    [Theory]
    [EveryStore]
    public async Task Generate_OfANewCalendar_StreamsAndSavesItsFirstVersion(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));

        var events = await service.GenerateAsync();
        var calendar = (await service.GetAsync("/api/calendar/launch")).Json;

        Assert.Equal(["meta", "entry", "entry", "entry", "entry", "done"], events.Select(e => e.EventType));
        Assert.Equal(["1", "2", "3", "4", "5", "6"], events.Select(e => e.EventId));
        Assert.All(events, e => Assert.Equal((e.EventType, e.EventId), ((string)e.Json()["type"]!, $"{e.Json()["seq"]}")));
        var done = events[^1].Json();
        Assert.Equal(("complete", false, 4), ((string?)done["finishReason"], (bool)done["partial"]!, (int)done["entries"]!));
        Assert.Equal((1, 4), ((int)calendar["version"]!, calendar["entries"]!.AsArray().Count));
        Assert.Equal((string?)events[0].Json()["runId"], (string?)calendar["latestRunId"]);
        Assert.Equal("Launch of a coffee brand", (string?)calendar["title"]);
    }

    [Theory]
    [EveryStore]
    public async Task Stream_AfterAnyEvent_HasNoGapAndNoRepeat(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        var events = await service.GenerateAsync();
        var stream = $"/api/calendar/runs/{events[0].Json()["runId"]}/stream";

        for (var seen = 0; seen < events.Count; seen++)
        {
            using var request = ServiceHarness.Request(HttpMethod.Get, stream, null, ("Last-Event-ID", $"{seen}"));
            using var response = await service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(events.Skip(seen).Select(e => (e.EventId, e.Data)),
                (await ServiceHarness.EventsAsync(response)).Select(e => (e.EventId, e.Data)));
        }

        Assert.Equal(HttpStatusCode.NoContent, (await service.GetAsync(stream, ("Last-Event-ID", $"{events.Count}"))).Status);
        Assert.Equal("validation", (await service.GetAsync(stream, ("Last-Event-ID", "x"))).Code);
    }

    [Fact]
    public async Task Stream_AskedForWhileTheEndIsBeingSaved_StillGetsItsDone()
    {
        var database = await databases.NewAsync("postgres");
        await using var service = await ServiceHarness.StartAsync(database);
        await using var other = new NpgsqlConnection(database);
        await other.OpenAsync();
        await other.ExecuteAsync(
            """
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END';
            CREATE TRIGGER wait BEFORE UPDATE ON runs FOR EACH ROW WHEN (NEW.status <> 'running') EXECUTE FUNCTION wait();
            SELECT pg_advisory_lock(1);
            """);

        var generating = service.GenerateAsync();
        await Eventually.TrueAsync("the end waits to be saved", async () => await other.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 1 AND NOT granted)"));
        var runId = await other.ExecuteScalarAsync<string>("SELECT id FROM runs");
        using var request = ServiceHarness.Request(HttpMethod.Get, $"/api/calendar/runs/{runId}/stream", null, ("Last-Event-ID", "5"));
        using var response = await service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await other.ExecuteAsync("SELECT pg_advisory_unlock(1)");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["done"], (await ServiceHarness.EventsAsync(response)).Select(e => e.EventType));
        Assert.Equal("done", (await generating)[^1].EventType);
    }

    [Theory]
    [EveryStore]
    public async Task Run_WhoseClientLeaves_GoesOnForWhoeverComesBack(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store), "Writer:BuiltIn:Pace=00:00:00.030");
        var (seen, runId) = await ReadThreeAndLeaveAsync(service);

        using var request = ServiceHarness.Request(
            HttpMethod.Get, $"/api/calendar/runs/{runId}/stream", null, ("Last-Event-ID", seen[^1].EventId!));
        using var response = await service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var rest = await ServiceHarness.EventsAsync(response);

        Assert.Equal(Enumerable.Range(1, 32).Select(seq => $"{seq}"), seen.Concat(rest).Select(e => e.EventId));
        Assert.Equal("complete", (string?)rest[^1].Json()["finishReason"]);
    }

    [Fact]
    public async Task Run_OfAnotherReplica_IsFollowedAndCancelledThroughTheDatabase()
    {
        var database = await databases.NewAsync("postgres");
        string[] settings = ["Writer:BuiltIn:Pace=00:00:00.100", "Generation:Lease=00:00:00.600", "Stream:PollInterval=00:00:00.020"];
        await using var one = await ServiceHarness.StartAsync(database, settings);
        await using var other = await ServiceHarness.StartAsync(database, settings);
        var (seen, runId) = await ReadThreeAndLeaveAsync(one);

        using var response = await other.Http.GetAsync(
            new Uri($"/api/calendar/runs/{runId}/stream", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        var cancel = await other.PostAsync($"/api/calendar/runs/{runId}/cancel", "");
        var events = await ServiceHarness.EventsAsync(response);

        Assert.Equal(HttpStatusCode.Accepted, cancel.Status);
        Assert.Equal(seen.Select(e => e.Data), events.Take(3).Select(e => e.Data));
        Assert.Equal("cancelled", (string?)events[^1].Json()["finishReason"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_AfterAnIdThatTheRunNeverComesTo_EndsWithTheRun(bool ofAnotherReplica)
    {
        var database = await databases.NewAsync("postgres");
        string[] settings = ["Writer:BuiltIn:Pace=00:00:00.030", "Stream:PollInterval=00:00:00.020"];
        await using var one = await ServiceHarness.StartAsync(database, settings);
        await using var other = await ServiceHarness.StartAsync(database, settings);
        var (_, runId) = await ReadThreeAndLeaveAsync(one);

        using var request = ServiceHarness.Request(
            HttpMethod.Get, $"/api/calendar/runs/{runId}/stream", null, ("Last-Event-ID", "1000"));
        using var response = await (ofAnotherReplica ? other : one).Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await ServiceHarness.EventsAsync(response).WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Theory]
    [EveryStore]
    public async Task Cancel_KeepsWhatWasGenerated(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store), "Writer:BuiltIn:Pace=00:00:00.100");
        var (_, runId) = await ReadThreeAndLeaveAsync(service);

        var cancel = await service.PostAsync($"/api/calendar/runs/{runId}/cancel", "");

        Assert.Equal(("cancelled", true), ((string?)cancel.Json["status"], (bool)cancel.Json["partial"]!));
        var entries = (await service.GetAsync("/api/calendar/launch")).Json["entries"]!.AsArray();
        Assert.Equal((int)cancel.Json["entries"]!, entries.Count);
        Assert.InRange(entries.Count, 2, 29);
    }

    [Fact]
    public async Task Run_ThatNobodyListensTo_IsCancelled()
    {
        await using var service = await ServiceHarness.StartAsync(
            await databases.NewAsync("sqlite"), "Writer:BuiltIn:Pace=00:00:00.200", "Generation:AbandonAfter=00:00:00.300");
        var (_, runId) = await ReadThreeAndLeaveAsync(service);

        // Asking for the calendar is not listening to the run.
        await Eventually.TrueAsync("the run is cancelled", async () =>
            (await service.PostAsync("/api/calendar/launch/diff", $$"""{"runId":"{{runId}}"}""")).Status == HttpStatusCode.OK);
        var events = await StreamAsync(service, runId);
        Assert.Equal("cancelled", (string?)events[^1].Json()["finishReason"]);
    }

    [Theory]
    [InlineData("Generation:FirstItemTimeout=00:00:00.200", "Writer:Kind=OpenAI", 0)]
    [InlineData("Generation:ItemTimeout=00:00:00.100", "Writer:BuiltIn:Pace=00:00:20", 1)]
    [InlineData("Generation:TotalTimeout=00:00:00.400", "Writer:BuiltIn:Pace=00:00:00.100", 1)]
    public async Task Run_ThatTakesTooLong_EndsAsTimeoutWithItsEntriesSaved(string limit, string writer, int fewest)
    {
        await using var ai = await StubAi.StartAsync(AiReply.Nothing().Stalls());
        await using var service = await ServiceHarness.StartAsync(
            await databases.NewAsync("sqlite"), limit, writer, "Writer:OpenAI:Model=m", $"Writer:OpenAI:BaseUrl={ai.BaseUrl}");

        var done = (await service.GenerateAsync(LongRun))[^1].Json();

        Assert.Equal(("timeout", true), ((string?)done["finishReason"], (bool)done["partial"]!));
        Assert.NotEmpty((string?)done["message"] ?? "");
        var saved = (await service.GetAsync("/api/calendar/launch")).Json["entries"]!.AsArray().Count;
        Assert.Equal((int)done["entries"]!, saved);
        Assert.InRange(saved, fewest, 29);
        var publish = await service.PostAsync("/api/publish", $$"""{"calendarId":"launch","runId":"{{done["runId"]}}"}""");
        Assert.Equal((HttpStatusCode.Conflict, "run-partial"), (publish.Status, publish.Code));
    }

    [Theory]
    [EveryStore]
    public async Task Generate_WithTheSameKey_IsTheSameRun(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        var key = ("Idempotency-Key", "k-1");

        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => service.GenerateAsync(ServiceHarness.Generate, key)));
        var reused = await service.PostAsync("/api/calendar/generate", LongRun, key);

        Assert.All(all, events => Assert.Equal(all[0].Select(e => e.Data), events.Select(e => e.Data)));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"), (reused.Status, reused.Code));
    }

    [Fact]
    public async Task Stream_InSilence_SendsComments()
    {
        await using var service = await ServiceHarness.StartAsync(
            await databases.NewAsync("sqlite"), "Writer:BuiltIn:Pace=00:00:20", "Stream:KeepAlive=00:00:00.050");
        using var request = ServiceHarness.Request(HttpMethod.Post, "/api/calendar/generate", ServiceHarness.Generate);
        using var response = await service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());

        // meta is here although the writer has said nothing yet.
        Assert.Equal("id: 1", await lines.ReadLineAsync());
        string? line;
        while ((line = await lines.ReadLineAsync()) != ": keep-alive")
            Assert.NotNull(line);
        Assert.Equal("no-cache, no-transform", response.Headers.NonValidated["Cache-Control"].ToString());
        Assert.Equal("no", response.Headers.GetValues("X-Accel-Buffering").Single());
    }

    [Fact]
    public async Task Process_ThatStops_EndsItsRunsHonestly()
    {
        var database = await databases.NewAsync("sqlite");
        string runId;
        IReadOnlyList<SseItem<string>> events;
        await using (var service = await ServiceHarness.StartAsync(database, "Writer:BuiltIn:Pace=00:00:00.100"))
        {
            using var request = ServiceHarness.Request(HttpMethod.Post, "/api/calendar/generate", LongRun);
            using var response = await service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            runId = response.Headers.GetValues("X-Run-Id").Single();
            var reading = ServiceHarness.EventsAsync(response);
            await service.DisposeAsync();
            events = await reading;
        }

        Assert.Equal("shutting-down", (string?)events[^2].Json()["code"]);
        Assert.Equal(("done", "error"), (events[^1].EventType, (string?)events[^1].Json()["finishReason"]));
        await using var next = await ServiceHarness.StartAsync(database);
        Assert.Equal(events.Select(e => e.Data), (await StreamAsync(next, runId)).Select(e => e.Data));
    }

    [Fact]
    public async Task Run_OfADeadProcess_IsEndedByAnother()
    {
        var database = await databases.NewAsync("postgres");
        await using var dying = await ServiceHarness.StartAsync(database, "Writer:BuiltIn:Pace=00:00:20", "Generation:Lease=00:10:00");
        var (_, runId) = await ReadAndLeaveAsync(dying, 2);

        await using var other = await ServiceHarness.StartAsync(database, "Generation:Lease=00:00:00.300");
        var events = await StreamAsync(other, runId);

        Assert.Equal(["meta", "entry", "error", "done"], events.Select(e => e.EventType));
        Assert.Equal("run-lost", (string?)events[2].Json()["code"]);
    }

    [Fact]
    public async Task Generate_BeyondTheLimit_IsNotAccepted()
    {
        await using var service = await ServiceHarness.StartAsync(
            await databases.NewAsync("sqlite"), "Writer:BuiltIn:Pace=00:00:20", "Generation:MaxConcurrentRuns=1");
        await ReadAndLeaveAsync(service, 1);

        var refused = await service.PostAsync("/api/calendar/generate", LongRun);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "too-many-runs"), (refused.Status, refused.Code));
        Assert.Equal("true", refused.Header("X-Not-Accepted"));
    }

    private static Task<(IReadOnlyList<SseItem<string>> Seen, string RunId)> ReadThreeAndLeaveAsync(ServiceHarness service) =>
        ReadAndLeaveAsync(service, 3);

    private static async Task<(IReadOnlyList<SseItem<string>> Seen, string RunId)> ReadAndLeaveAsync(ServiceHarness service, int count)
    {
        using var request = ServiceHarness.Request(HttpMethod.Post, "/api/calendar/generate", LongRun);
        using var response = await service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var seen = new List<SseItem<string>>();
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
        {
            seen.Add(item);
            if (seen.Count == count)
                break;
        }

        return (seen, response.Headers.GetValues("X-Run-Id").Single());
    }

    private static async Task<IReadOnlyList<SseItem<string>>> StreamAsync(ServiceHarness service, string runId)
    {
        using var response = await service.Http.GetAsync(
            new Uri($"/api/calendar/runs/{runId}/stream", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        return await ServiceHarness.EventsAsync(response);
    }
}
