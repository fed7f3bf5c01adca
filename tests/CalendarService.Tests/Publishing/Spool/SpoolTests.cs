using System.Net;
using CalendarService.Storage;
using CalendarService.Tests.Files;
using Dapper;
using Harness;
using Microsoft.Extensions.DependencyInjection;

namespace CalendarService.Tests.Publishing.Spool;

/// <summary>
/// Publishing while the database is away; each test has a Postgres of its own, because it stops it. Over 250 lines: what one queue
/// promises, a test for each promise.
/// Holds docs/contract.md section 5: the calendar API.
/// </summary>
public sealed class SpoolTests : IAsyncLifetime
{
    private const string Launch = """{"calendarId":"launch"}""";

    private static readonly (string, string) Key = ("Idempotency-Key", "p-1");

    private readonly string _data = Directory.CreateTempSubdirectory("calendar-data-").FullName;
    private PostgresServer _postgres = null!;
    private string _database = "";

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresServer.StartNewAsync();
        _database = _postgres.Url(await _postgres.CreateDatabaseAsync());
    }

    public ValueTask DisposeAsync() => _postgres.DisposeAsync();

    [Fact]
    public async Task Publish_WithoutTheDatabase_IsQueued_AndBecomesExactlyOneRowEach()
    {
        var log = new LogLines();
        await using var service = await StartAsync(log);
        await service.GenerateAsync();
        await _postgres.StopAsync();

        var before = DateTimeOffset.Parse(TimeProvider.System.GetUtcNow().ToString("O"));
        var answer = await service.PostAsync("/api/publish", Launch);
        var metrics = (await service.GetAsync("/metrics")).Text;
        var ready = await service.GetAsync("/readyz");
        var accepted = TimeProvider.System.GetUtcNow();
        await _postgres.StartAsync();
        await DrainedAsync(service);

        Assert.Equal((HttpStatusCode.Accepted, "queued"), (answer.Status, answer.Header("X-Publish-Outcome")));
        Assert.Equal(("queued", "launch"), ((string?)answer.Json["outcome"], (string?)answer.Json["calendarId"]));
        var intents = answer.Json["intents"]!.AsArray();
        Assert.Equal(8, intents.Count);
        Assert.All(intents, intent => Assert.Equal("queued", (string?)intent!["status"]));
        Assert.Contains("calendar_spool_depth 8\n", metrics, StringComparison.Ordinal);
        Assert.Equal(("8", 8), (ready.Header("X-Spool-Depth"), (int)ready.Json["spoolDepth"]!));
        Assert.DoesNotContain("calendar_spool_oldest_seconds 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("calendar_publish_intents_total{channel=\"x\",status=\"queued\"} 4\n", metrics, StringComparison.Ordinal);

        var rows = await RowsAsync(service);
        Assert.Equal(
            intents.Select(i => (string?)i!["intentId"]).Order(StringComparer.Ordinal),
            rows.Select(r => r.Id).Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.InRange(row.CreatedAt, before.AddMilliseconds(-1), accepted));
        Assert.All(rows, row => Assert.Equal("dry_run_ok", row.Status));
        var after = (await service.GetAsync("/metrics")).Text;
        Assert.Contains("calendar_spool_replayed_total 8\n", after, StringComparison.Ordinal);
        Assert.Contains("calendar_spool_depth 0\n", after, StringComparison.Ordinal);
        Assert.Equal(8, log.All.Count(line => line.Contains(": queued (run", StringComparison.Ordinal)));
        await Eventually.TrueAsync(
            "a line tells of each replayed intent", () =>
                log.All.Count(line => line.Contains(" replayed: dry_run_ok", StringComparison.Ordinal)) == 8);
        await Eventually.TrueAsync("nothing is left on disk", () => SegmentsOf(_data).Length == 0);
    }

    [Fact]
    public async Task Publish_WithOneKey_DuringAndAfterTheOutage_MakesNoSecondRow()
    {
        await using var service = await StartAsync();
        await service.GenerateAsync();
        await _postgres.StopAsync();

        var during = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => service.PostAsync("/api/publish", Launch, Key)));
        var reused = await service.PostAsync("/api/publish", """{"calendarId":"launch","entryIds":["2099-12-01-1"]}""", Key);
        await _postgres.StartAsync();
        await DrainedAsync(service);
        var after = await service.PostAsync("/api/publish", Launch, Key);

        Assert.All(during, answer => Assert.Equal((HttpStatusCode.Accepted, during[0].Text), (answer.Status, answer.Text)));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"), (reused.Status, reused.Code));
        Assert.Equal((HttpStatusCode.OK, "ok"), (after.Status, (string?)after.Json["outcome"]));
        Assert.Equal(Ids(during[0]), Ids(after));
        Assert.Equal(8, (await RowsAsync(service)).Count);
    }

    [Fact]
    public async Task Publish_OfTwoCalendarsUnderOneKey_AtTwoNodesThatCannotKnow_KeepsBothPromises()
    {
        await using var here = await StartAsync();
        await using var there = await ServiceHarness.StartAsync(_database);
        await here.GenerateAsync();
        await there.GenerateAsync(ServiceHarness.Generate.Replace("launch", "other"));
        await Eventually.TrueAsync("each has its calendar at hand", async () =>
            (await here.GetAsync("/api/calendar/launch")).Status == HttpStatusCode.OK
            && (await there.GetAsync("/api/calendar/other")).Status == HttpStatusCode.OK);
        await _postgres.StopAsync();
        var first = await here.PostAsync("/api/publish", Launch, Key);
        var second = await there.PostAsync("/api/publish", Launch.Replace("launch", "other"), Key);
        await _postgres.StartAsync();
        await DrainedAsync(here);
        await DrainedAsync(there);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (first.Status, second.Status));
        Assert.Equal(Ids(first).Concat(Ids(second)).Order(StringComparer.Ordinal),
            (await RowsAsync(here)).Select(row => row.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Replay_ThatMeetsARetryElsewhere_WaitsForIt_AndNeitherIsRefused()
    {
        Answer queued;
        await using (var service = await StartAsync())
        {
            await service.GenerateAsync();
            await _postgres.StopAsync();
            queued = await service.PostAsync("/api/publish", Launch, Key);
        }

        await _postgres.StartAsync();
        await using var retry = new Npgsql.NpgsqlConnection(_postgres.ConnectionString(new Uri(_database).Segments[^1]));
        await retry.OpenAsync();
        await using var transaction = await retry.BeginTransactionAsync();
        await retry.ExecuteAsync(
            """
            INSERT INTO idempotency_keys (user_id, scope, key, request_hash, answer, created_at)
            VALUES ('ada', 'publish', 'p-1', '', '{}', now())
            """);
        await using var next = await StartAsync(); // Adopts what the first one left.
        await Eventually.TrueAsync("the replay waits for the retry", async () => await retry.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)"));

        // A replay that had the rows by now would make the retry wait for it: a deadlock, and one of the two would fail.
        await retry.ExecuteAsync("SET LOCAL lock_timeout = '1ms'");
        foreach (var id in Ids(queued))
        {
            await retry.ExecuteAsync(
                """
                INSERT INTO publish_intents (id, calendar_id, user_id, channel, payload, status, created_at)
                VALUES (@id, 'launch', 'ada', 'x', '{}', 'dry_run_ok', now())
                """,
                new { id });
        }

        await transaction.CommitAsync();
        await DrainedAsync(next);
        Assert.Equal(8, (await RowsAsync(next)).Count);
    }

    [Fact]
    public async Task Publish_CommittedBeforeTheOutage_AndRetriedInIt_MakesNoSecondRow()
    {
        await using var service = await StartAsync();
        await service.GenerateAsync();
        var before = await service.PostAsync("/api/publish", Launch, Key);
        await _postgres.StopAsync();
        var during = await service.PostAsync("/api/publish", Launch, Key);
        await _postgres.StartAsync();
        await DrainedAsync(service);
        var after = await service.PostAsync("/api/publish", Launch, Key);

        Assert.Equal(HttpStatusCode.Accepted, during.Status);
        Assert.Equal(Ids(before), Ids(during));
        Assert.Equal(before.Text, after.Text);
        Assert.Equal(8, (await RowsAsync(service)).Count);
    }

    [Fact]
    public async Task Publish_GoesByTheLastSave_WhateverSaveItWas()
    {
        await using var service = await StartAsync(null, "Spool:KnownEntries=1");
        const string entry = """{"entryId":"e1","scheduledAt":"2099-07-01T12:00:00Z","channels":["x"],"text":"first"}""";
        await service.SendAsync(
            HttpMethod.Put, "/api/calendar/other", $$"""{"title":"T","timezone":"UTC","entries":[{{entry}}]}""", ("If-None-Match", "*"));
        await service.SendAsync(
            HttpMethod.Put, "/api/calendar/mine", $$"""{"title":"T","timezone":"UTC","entries":[{{entry}}]}""", ("If-None-Match", "*"));
        await service.SendAsync(
            HttpMethod.Put, "/api/calendar/mine",
            $$"""{"title":"T","timezone":"UTC","entries":[{{entry.Replace("first", "second")}}]}""", ("If-Match", "\"1\""));
        await service.SendAsync(HttpMethod.Patch, "/api/calendar/mine/entries/e1", """{"text":"third"}""", ("If-Match", "\"2\""));
        await _postgres.StopAsync();

        var mine = await service.PostAsync("/api/publish", """{"calendarId":"mine"}""");
        var pushedOut = await service.PostAsync("/api/publish", """{"calendarId":"other"}""");
        await _postgres.StartAsync();
        await DrainedAsync(service);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.ServiceUnavailable), (mine.Status, pushedOut.Status));
        await using var connection = await service.Services.GetRequiredService<Dialect>().OpenAsync(default);
        Assert.Equal("third", await connection.ExecuteScalarAsync<string>("SELECT payload->>'text' FROM publish_intents"));
    }

    [Fact]
    public async Task Publish_OfWhatANetworkRefuses_IsQueued_AndFailsAsItWasDecidedThen()
    {
        await using var service = await StartAsync();
        await service.GenerateAsync();
        await service.SendAsync(
            HttpMethod.Patch, "/api/calendar/launch/entries/2099-12-01-1", $$"""{"text":"{{new string('a', 400)}}"}""",
            ("If-Match", "\"1\""));
        await _postgres.StopAsync();

        var answer = await service.PostAsync("/api/publish", """{"calendarId":"launch","entryIds":["2099-12-01-1"]}""", Key);
        await _postgres.StartAsync();
        await DrainedAsync(service);

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal(
            [("linkedin", "dry_run_ok"), ("x", "failed")], (await RowsAsync(service)).Select(row => (row.Channel, row.Status)).Order());
        Assert.Equal(HttpStatusCode.MultiStatus, (await service.PostAsync(
            "/api/publish", """{"calendarId":"launch","entryIds":["2099-12-01-1"]}""", Key)).Status);
    }

    [Fact]
    public async Task Publish_WhoseTimePassesWhileItWaits_IsMarkedStale()
    {
        var clock = new LateClock();
        await using var service = await ServiceHarness.StartAsync(_database, null, clock, $"CALENDAR_DATA_DIR={_data}");
        await service.SendAsync(
            HttpMethod.Put, "/api/calendar/launch",
            $$"""
            {"title":"T","timezone":"UTC","entries":[
            {"entryId":"soon","scheduledAt":"{{clock.GetUtcNow().AddHours(1):O}}","channels":["x"],"text":"t"},
            {"entryId":"later","scheduledAt":"2099-07-01T12:00:00Z","channels":["linkedin"],"text":"t"}]}
            """,
            ("If-None-Match", "*"));
        await _postgres.StopAsync();

        var answer = await service.PostAsync("/api/publish", Launch, Key);
        clock.Late = TimeSpan.FromHours(2);
        await _postgres.StartAsync();
        await DrainedAsync(service);
        var again = await service.PostAsync("/api/publish", Launch, Key);
        var listed = (await service.GetAsync("/api/publish/intents?calendarId=launch")).Json["items"]!.AsArray();

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal(
            [("linkedin", "dry_run_ok"), ("x", "failed")], (await RowsAsync(service)).Select(row => (row.Channel, row.Status)).Order());
        Assert.All(await RowsAsync(service), row =>
            Assert.InRange(row.CreatedAt, TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow()));
        Assert.StartsWith(
            "stale: scheduled at ", (string?)listed.Single(i => (string?)i!["entryId"] == "soon")!["error"], StringComparison.Ordinal);
        Assert.Null(listed.Single(i => (string?)i!["entryId"] == "later")!["error"]);
        Assert.Equal((HttpStatusCode.MultiStatus, "partial"), (again.Status, (string?)again.Json["outcome"]));
        Assert.Equal(Ids(answer), Ids(again));
    }

    [Fact]
    public async Task Publish_ThatCannotBeDecided_IsNotAccepted()
    {
        await using (var first = await StartAsync())
            await first.GenerateAsync();
        await using var service = await StartAsync();
        await service.SendAsync(
            HttpMethod.Put, "/api/calendar/mine",
            """
            {"title":"T","timezone":"UTC","entries":[{"entryId":"e1","scheduledAt":"2099-07-01T12:00:00Z","channels":["x"],"text":"t"}]}
            """,
            ("If-None-Match", "*"));
        using var eve = service.ClientOf("eve");
        await _postgres.StopAsync();

        using var others = await eve.SendAsync(
            ServiceHarness.Request(HttpMethod.Post, "/api/publish", """{"calendarId":"mine"}"""));
        Answer[] refused =
        [
            await Answer.OfAsync(others),
            await service.PostAsync("/api/publish", Launch),
            await service.PostAsync("/api/publish", """{"calendarId":"mine","entryIds":["e2"]}"""),
            await service.PostAsync("/api/publish", """{"calendarId":"mine","runId":"r1"}"""),
        ];

        Assert.All(refused, answer => Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "true", "failed"),
            (answer.Status, answer.Header("X-Not-Accepted"), answer.Header("X-Publish-Outcome"))));
        Assert.Empty(SegmentsOf(_data));
        Assert.Equal(HttpStatusCode.Accepted, (await service.PostAsync("/api/publish", """{"calendarId":"mine"}""")).Status);
    }

    [Fact]
    public async Task Publish_WithoutAuth_IsRefusedWithoutTheDatabaseToo()
    {
        await using var service = await StartAsync(null, "Channels:x:AccessToken=");
        await service.GenerateAsync();
        await _postgres.StopAsync();

        var answer = await service.PostAsync("/api/publish", Launch);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "channel-auth"), (answer.Status, answer.Code));
        Assert.Empty(SegmentsOf(_data));
    }

    [Theory]
    [InlineData("Spool:MaxBytes=4096")]
    [InlineData(null)]
    public async Task Publish_TheDiskDoesNotTake_IsNotAccepted(string? setting)
    {
        await using var service = await StartAsync(null, setting is null ? [] : [setting]);
        if (setting is null)
            await DataFolderTests.ReplaceByFileAsync(Path.Combine(_data, "spool"));

        await service.GenerateAsync(ServiceHarness.Generate.Replace("\"days\":2", "\"days\":30"));
        await _postgres.StopAsync();

        var answer = await service.PostAsync("/api/publish", Launch, Key);
        await _postgres.StartAsync();
        await UpAsync(service);
        var after = await service.PostAsync("/api/publish", Launch, Key);

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "spool-unavailable", "true", "failed"),
            (answer.Status, answer.Code, answer.Header("X-Not-Accepted"), answer.Header("X-Publish-Outcome")));
        Assert.Equal((HttpStatusCode.OK, 120), (after.Status, (await RowsAsync(service)).Count));
    }

    [Fact]
    public async Task Intent_ThatTheDatabaseRefuses_GoesAside_AndBlocksNobody()
    {
        await using var service = await StartAsync();
        await service.GenerateAsync();
        await ExecuteAsync(
            service, "ALTER TABLE publish_intents ADD CONSTRAINT no_x CHECK (channel <> 'x' OR payload->>'entryId' <> '2099-12-01-1')");
        await _postgres.StopAsync();
        var poisoned = await service.PostAsync("/api/publish", Launch, Key);
        var next = await service.PostAsync("/api/publish", """{"calendarId":"launch","entryIds":["2099-12-01-2"]}""");

        await _postgres.StartAsync();
        await DrainedAsync(service);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (poisoned.Status, next.Status));
        Assert.Equal(7 + 2, (await RowsAsync(service)).Count);
        var aside = Assert.Single(Directory.GetFiles(Path.Combine(_data, "spool", "poison")));
        var text = await File.ReadAllTextAsync(aside);
        Assert.Contains("no_x", text, StringComparison.Ordinal);
        Assert.Contains(Path.GetFileNameWithoutExtension(aside), Ids(poisoned));
        var again = await service.PostAsync("/api/publish", Launch, Key);
        Assert.Equal((HttpStatusCode.MultiStatus, 1),
            (again.Status, again.Json["intents"]!.AsArray().Count(i => (string?)i!["status"] == "failed")));
    }

    [Fact]
    public async Task Spool_OfAnInstanceThatStopped_IsReplayedByTheNext()
    {
        Answer answer;
        await using (var first = await StartAsync())
        {
            await first.GenerateAsync();
            await _postgres.StopAsync();
            answer = await first.PostAsync("/api/publish", Launch);
        }

        var left = Assert.Single(SegmentsOf(_data));
        await _postgres.StartAsync();
        await using var second = await StartAsync();

        await Eventually.TrueAsync("the rows are there", async () => (await RowsAsync(second)).Count == 8);
        Assert.Equal(Ids(answer), (await RowsAsync(second)).Select(row => row.Id).Order(StringComparer.Ordinal));
        await Eventually.TrueAsync("its folder is gone", () => !Directory.Exists(Path.GetDirectoryName(left)));
    }

    [Fact]
    public async Task Spool_OfALiveInstance_IsNotTouchedByAnotherOnTheSameFolder()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        await first.GenerateAsync();
        await second.GetAsync("/api/calendar/launch");
        await _postgres.StopAsync();

        await first.PostAsync("/api/publish", Launch);
        var answer = await second.PostAsync("/api/publish", """{"calendarId":"launch","entryIds":["2099-12-01-1"]}""");
        await _postgres.StartAsync();
        await DrainedAsync(first);
        await DrainedAsync(second);

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal(8 + 2, (await RowsAsync(first)).Count);
        Assert.Contains("calendar_spool_replayed_total 8\n", (await first.GetAsync("/metrics")).Text, StringComparison.Ordinal);
        Assert.Contains("calendar_spool_replayed_total 2\n", (await second.GetAsync("/metrics")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drain_GoesNoFasterThanItMay()
    {
        await using var service = await StartAsync(null, "Spool:DrainRate=8");
        await service.GenerateAsync();
        await _postgres.StopAsync();
        for (var n = 0; n < 3; n++)
            await service.PostAsync("/api/publish", Launch);
        await _postgres.StartAsync();
        await Eventually.TrueAsync("the first are replayed", async () => (await RowsAsync(service, orNone: true)).Count > 0);

        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        await DrainedAsync(service);

        Assert.Equal(24, (await RowsAsync(service)).Count);
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(1), "16 intents at 8 a second take 2 s");
    }

    internal static string[] SegmentsOf(string data) => Directory.Exists(Path.Combine(data, "spool"))
        ? Directory.GetFiles(Path.Combine(data, "spool"), "*.seg", SearchOption.AllDirectories)
        : [];

    private static IEnumerable<string> Ids(Answer answer) =>
        answer.Json["intents"]!.AsArray().Select(i => (string)i!["intentId"]!).Order(StringComparer.Ordinal);

    private static Task DrainedAsync(ServiceHarness service) => Eventually.TrueAsync("the spool is empty", async () =>
        (await service.GetAsync("/metrics")).Text.Contains("calendar_spool_depth 0\n", StringComparison.Ordinal)
        && (string?)(await service.GetAsync("/readyz")).Json["store"] == "up");

    private static Task UpAsync(ServiceHarness service) => Eventually.TrueAsync("the store is up", async () =>
        (string?)(await service.GetAsync("/readyz")).Json["store"] == "up");

    private static async Task<IReadOnlyList<Row>> RowsAsync(ServiceHarness service, bool orNone = false)
    {
        try
        {
            await using var connection = await service.Services.GetRequiredService<Dialect>().OpenAsync(default);
            return [.. await connection.QueryAsync<Row>(
                "SELECT id AS Id, channel AS Channel, status AS Status, created_at AS CreatedAt FROM publish_intents")];
        }
        catch (Npgsql.NpgsqlException) when (orNone)
        {
            return [];
        }
    }

    private static async Task ExecuteAsync(ServiceHarness service, string sql)
    {
        await using var connection = await service.Services.GetRequiredService<Dialect>().OpenAsync(default);
        await connection.ExecuteAsync(sql);
    }

    private Task<ServiceHarness> StartAsync(LogLines? log = null, params string[] settings) =>
        ServiceHarness.StartAsync(_database, log, [$"CALENDAR_DATA_DIR={_data}", .. settings]);

    /// <summary>
    /// Its hands are put forward; its ticking is the system's. Not FakeTimeProvider, whose timers stand still with its hands.
    /// </summary>
    private sealed class LateClock : TimeProvider
    {
        public TimeSpan Late { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Late;
    }

    private sealed class Row
    {
        public required string Id { get; init; }

        public required string Channel { get; init; }

        public required string Status { get; init; }

        public DateTimeOffset CreatedAt { get; init; }
    }
}
