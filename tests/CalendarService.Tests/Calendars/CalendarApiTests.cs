using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using Harness;
using Npgsql;

namespace CalendarService.Tests.Calendars;

/// <summary>
/// Calendars over HTTP, call by call; a little over 250 lines since the calls share their set-up.
/// Holds docs/contract.md section 5: the calendar API.
/// </summary>
public sealed class CalendarApiTests(Databases databases)
{
    private const string Entry = "/api/calendar/launch/entries/2099-12-01-1";

    [Theory]
    [EveryStore]
    public async Task Save_OfANewCalendar_CreatesItOnce(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        const string body =
            """
            {"title":"T","timezone":"America/New_York","entries":[{"entryId":"a","scheduledAt":"2099-07-01T12:00:00Z",
            "channels":["x"],"text":"ä 😀 \"q\"","link":"https://example.org/?a=1","mediaUrls":["http://m/1.png"],"tags":["t"]}]}
            """;

        var created = await SaveAsync(service, body, ("If-None-Match", "*"));
        var again = await SaveAsync(service, body, ("If-None-Match", "*"));
        var loaded = await service.GetAsync("/api/calendar/launch");

        Assert.Equal((HttpStatusCode.Created, "\"1\""), (created.Status, created.ETag));
        Assert.Equal((HttpStatusCode.PreconditionFailed, "precondition-failed"), (again.Status, again.Code));
        Assert.True(JsonNode.DeepEquals(created.Json["entries"], loaded.Json["entries"]));
        var entry = loaded.Json["entries"]![0]!;
        Assert.Equal(("2099-07-01T08:00:00-04:00", "America/New_York"), ((string?)entry["scheduledAt"], (string?)entry["timezone"]));
        Assert.Equal("ä 😀 \"q\"", (string?)entry["text"]);
        Assert.Equal(HttpStatusCode.NotModified, (await service.GetAsync("/api/calendar/launch", ("If-None-Match", "\"1\""))).Status);
    }

    /// <summary>The gateway asks somebody else for what nobody has here, and never for what another user has.</summary>
    [Theory]
    [EveryStore]
    public async Task Read_OfWhatAnotherUserHas_IsToldApartFromWhatNobodyHas(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        var done = (await service.GenerateAsync())[^1].Json();
        using var bob = service.ClientOf("bob");

        foreach (var (path, code) in ((string, string)[])[
            ("/api/calendar/{0}", "calendar-not-found"), ("/api/calendar/{0}/export", "calendar-not-found"),
            ("/api/calendar/runs/{1}/stream", "run-not-found")])
        {
            var adas = await GetAsync(string.Format(null, path, "launch", done["runId"]));
            var nobodys = await GetAsync(string.Format(null, path, "lunch", "no-run"));

            Assert.Equal((code, "true"), (adas.Code, adas.Header("X-Not-Elsewhere")));
            Assert.Equal((code, null), (nobodys.Code, nobodys.Header("X-Not-Elsewhere")));
            Assert.Equal(nobodys.Json["title"]!.ToString(), adas.Json["title"]!.ToString());
        }

        async Task<Answer> GetAsync(string path)
        {
            using var response = await bob.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            return await Answer.OfAsync(response);
        }
    }

    [Fact]
    public async Task Load_WhileSomebodySaves_IsOneVersionWhole()
    {
        var database = await databases.NewAsync("postgres");
        await using var service = await ServiceHarness.StartAsync(database);
        await service.GenerateAsync();
        var before = await service.GetAsync("/api/calendar/launch");
        await using var other = new NpgsqlConnection(database);
        await other.OpenAsync();

        // A save that has both tables, while a load has read the one and waits for the other.
        await using (var save = await other.BeginTransactionAsync())
        {
            await other.ExecuteAsync("LOCK TABLE entries IN ACCESS EXCLUSIVE MODE");
            var loading = service.GetAsync("/api/calendar/launch");
            await Eventually.TrueAsync("the load waits", async () => await other.ExecuteScalarAsync<bool>(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'entries'::regclass)"));
            await other.ExecuteAsync("UPDATE calendars SET version = version + 1; UPDATE entries SET text = 'saved meanwhile'");
            await save.CommitAsync();

            var loaded = await loading;
            Assert.Equal((before.ETag, before.Text), (loaded.ETag, loaded.Text));
        }

        Assert.Contains("saved meanwhile", (await service.GetAsync("/api/calendar/launch")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [EveryStore]
    public async Task Save_OfTwoAtOnce_OneWinsAndTheOtherLosesNothing(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        await service.GenerateAsync();
        var calendar = (await service.GetAsync("/api/calendar/launch")).Json;

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(n =>
        {
            var mine = calendar.DeepClone();
            mine["title"] = $"title {n}";
            return SaveAsync(service, mine.ToJsonString(), ("If-Match", "\"1\""));
        }));

        var winner = Assert.Single(answers, a => a.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(a => a != winner), a => Assert.Equal((HttpStatusCode.PreconditionFailed, "\"2\""), (a.Status, a.ETag)));
        Assert.Equal(winner.Text, (await service.GetAsync("/api/calendar/launch")).Text);
    }

    [Theory]
    [EveryStore]
    public async Task Save_MakesItsChangesManualAndItsOmissionsDeletions(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        await service.GenerateAsync();
        var calendar = (await service.GetAsync("/api/calendar/launch")).Json;
        calendar["entries"]![0]!["text"] = "mine";
        calendar["entries"]!.AsArray().RemoveAt(3);

        var saved = await SaveAsync(service, calendar.ToJsonString(), ("If-Match", "\"1\""));
        var unchanged = await SaveAsync(service, saved.Text, ("If-Match", "\"2\""));
        var run = await service.GenerateAsync();
        var applied = await service.PostAsync("/api/calendar/launch/apply", RunBody(run), ("If-Match", "\"2\""));

        Assert.Equal(["text"], saved.Json["entries"]![0]!["editedFields"]!.AsArray().Select(f => (string?)f));
        Assert.Equal(("\"2\"", "\"3\""), (unchanged.ETag, applied.ETag));
        Assert.Equal(3, applied.Json["entries"]!.AsArray().Count);
        Assert.Equal("mine", (string?)applied.Json["entries"]![0]!["text"]);
    }

    [Theory]
    [EveryStore]
    public async Task Patch_ReplacesClearsAndMarksFields(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        await service.GenerateAsync();

        var patched = await service.SendAsync(
            HttpMethod.Patch, Entry, """{"text":"mine","link":"https://example.org/","scheduledAt":"2099-12-01T07:30:00Z"}""",
            ("If-Match", "\"1\""), ("Content-Type", "application/merge-patch+json"));
        var cleared = await service.SendAsync(HttpMethod.Patch, Entry, """{"link":null}""", ("If-Match", "\"2\""));
        var same = await service.SendAsync(HttpMethod.Patch, Entry, """{"text":"mine"}""", ("If-Match", "\"3\""));

        Assert.Equal(("mine", "2099-12-01T08:30:00+01:00", 2),
            ((string?)patched.Json["text"], (string?)patched.Json["scheduledAt"], (int)patched.Json["version"]!));
        Assert.Equal(["link", "scheduledAt", "text"], patched.Json["editedFields"]!.AsArray().Select(f => (string?)f));
        Assert.Null(cleared.Json["link"]);
        Assert.Equal("\"3\"", same.ETag);
    }

    [Theory]
    [EveryStore]
    public async Task Published_Entries_AreFrozen(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        await service.GenerateAsync();
        await service.SendAsync(HttpMethod.Patch, Entry, """{"status":"published"}""", ("If-Match", "\"1\""));

        var patch = await service.SendAsync(HttpMethod.Patch, Entry, """{"text":"too late"}""", ("If-Match", "\"2\""));
        var calendar = (await service.GetAsync("/api/calendar/launch")).Json;
        calendar["entries"]!.AsArray().RemoveAt(0);
        var save = await SaveAsync(service, calendar.ToJsonString(), ("If-Match", "\"2\""));

        Assert.Equal((HttpStatusCode.Conflict, "entry-published"), (patch.Status, patch.Code));
        Assert.Equal((HttpStatusCode.Conflict, "entry-published"), (save.Status, save.Code));
    }

    [Theory]
    [EveryStore]
    public async Task Apply_OfANewRun_ChangesWhatIsNotManualAndListsTheRest(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        await service.GenerateAsync();
        await service.SendAsync(HttpMethod.Patch, Entry, """{"text":"mine"}""", ("If-Match", "\"1\""));
        var run = await service.GenerateAsync(ServiceHarness.Generate.Replace("coffee", "tea", StringComparison.Ordinal));

        var untouched = await service.GetAsync("/api/calendar/launch");
        var diff = await service.PostAsync("/api/calendar/launch/diff", RunBody(run));
        var applied = await service.PostAsync("/api/calendar/launch/apply", RunBody(run), ("If-Match", "\"2\""));
        var again = await service.PostAsync("/api/calendar/launch/apply", RunBody(run), ("If-Match", "\"3\""));
        var rest = await service.PostAsync("/api/calendar/launch/diff", RunBody(run));
        var stale = await service.PostAsync("/api/calendar/launch/apply", RunBody(run), ("If-Match", "\"2\""));
        var accepted = await service.PostAsync(
            "/api/calendar/launch/apply",
            $$"""{"runId":"{{run[0].Json()["runId"]}}","accept":[{"entryId":"2099-12-01-1","field":"text"}]}""", ("If-Match", "\"3\""));

        Assert.Equal("\"2\"", untouched.ETag);
        Assert.Equal(2, (int)diff.Json["baseVersion"]!);
        Assert.NotEmpty(diff.Json["changes"]!.AsArray());
        var conflict = Assert.Single(diff.Json["conflicts"]!.AsArray())!;
        Assert.Equal(("2099-12-01-1", "text", "mine"),
            ((string?)conflict["entryId"], (string?)conflict["field"], (string?)conflict["mine"]));
        Assert.Equal((HttpStatusCode.OK, "\"3\""), (applied.Status, applied.ETag));
        Assert.Equal("mine", (string?)applied.Json["entries"]![0]!["text"]);
        Assert.Equal("\"3\"", again.ETag);
        Assert.Empty(rest.Json["changes"]!.AsArray());
        Assert.Single(rest.Json["conflicts"]!.AsArray());
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.Status);
        Assert.Equal((string?)conflict["theirs"], (string?)accepted.Json["entries"]![0]!["text"]);
    }

    // An export shows the run of each entry: two of one version must not differ.
    [Theory]
    [EveryStore]
    public async Task Apply_OfARunThatChangesNoContent_MovesTheVersionOnce(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        await service.GenerateAsync();
        var run = await service.GenerateAsync();
        var runId = (string?)run[0].Json()["runId"];

        var diff = await service.PostAsync("/api/calendar/launch/diff", RunBody(run));
        var before = await service.GetAsync("/api/calendar/launch/export");
        var applied = await service.PostAsync("/api/calendar/launch/apply", RunBody(run), ("If-Match", "\"1\""));
        var after = await service.GetAsync("/api/calendar/launch/export");
        var again = await service.PostAsync("/api/calendar/launch/apply", RunBody(run), ("If-Match", "\"2\""));
        var inTheEnd = await service.GetAsync("/api/calendar/launch/export");

        Assert.Empty(diff.Json["changes"]!.AsArray());
        Assert.DoesNotContain(before.Json["entries"]!.AsArray(), entry => (string?)entry!["runId"] == runId);
        Assert.All(after.Json["entries"]!.AsArray(), entry => Assert.Equal(runId, (string?)entry!["runId"]));
        Assert.Equal((1, 2), ((int)before.Json["version"]!, (int)after.Json["version"]!));
        Assert.Equal(("\"2\"", "\"2\""), (applied.ETag, again.ETag));
        Assert.Equal(after.Text, inTheEnd.Text);
    }

    [Theory]
    [EveryStore]
    public async Task Load_ThatAsksForNews_HearsOfARunThatWaits(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        await service.GenerateAsync();
        var fresh = await service.GetAsync("/api/calendar/launch", ("If-None-Match", "\"1\""));
        var run = await service.GenerateAsync(ServiceHarness.Generate.Replace("coffee", "tea", StringComparison.Ordinal));

        var waiting = await service.GetAsync("/api/calendar/launch", ("If-None-Match", "\"1\""));
        await service.PostAsync("/api/calendar/launch/apply", RunBody(run), ("If-Match", "\"1\""));
        var applied = await service.GetAsync("/api/calendar/launch", ("If-None-Match", "\"2\""));

        Assert.Equal(HttpStatusCode.NotModified, fresh.Status);
        Assert.Equal((HttpStatusCode.OK, "\"1\""), (waiting.Status, waiting.ETag));
        Assert.Equal((string?)run[0].Json()["runId"], (string?)waiting.Json["latestRunId"]);
        Assert.Equal(HttpStatusCode.NotModified, applied.Status);
    }

    [Theory]
    [EveryStore]
    public async Task Calendar_AcrossADaylightSavingChange_KeepsItsTimesOnTheWall(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        var body = ServiceHarness.Generate.Replace("2099-12-01", "2099-10-24", StringComparison.Ordinal)
            .Replace("\"postsPerDay\":2", "\"postsPerDay\":1", StringComparison.Ordinal);
        string[] expected = ["2099-10-24T13:00:00+02:00", "2099-10-25T13:00:00+01:00"];

        var streamed = (await service.GenerateAsync(body)).Where(e => e.EventType == "entry").Select(e => e.Json()["entry"]!);
        var loaded = await service.GetAsync("/api/calendar/launch");
        var saved = await SaveAsync(service, loaded.Text, ("If-Match", "\"1\""));
        var run = await service.GenerateAsync(body.Replace("coffee", "tea", StringComparison.Ordinal));
        var applied = await service.PostAsync("/api/calendar/launch/apply", RunBody(run), ("If-Match", "\"1\""));
        var exported = await service.GetAsync("/api/calendar/launch/export");

        Assert.Equal(expected, streamed.Select(entry => (string?)entry["scheduledAt"]));
        Assert.All(new[] { loaded, saved, applied, exported }, answer => Assert.Equal(
            expected, answer.Json["entries"]!.AsArray().Select(entry => (string?)entry!["scheduledAt"])));
        Assert.Equal(("\"1\"", "\"2\""), (saved.ETag, applied.ETag));
    }

    [Theory]
    [EveryStore]
    public async Task List_IsPagedWithoutGaps(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        for (var n = 0; n < 5; n++)
        {
            await service.SendAsync(
                HttpMethod.Put, $"/api/calendar/c{n}", """{"title":"T","timezone":"UTC","entries":[]}""", ("If-None-Match", "*"));
        }

        var seen = new List<string?>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await service.GetAsync($"/api/calendar?limit=2&cursor={cursor}")).Json;
            seen.AddRange(page["items"]!.AsArray().Select(item => (string?)item!["calendarId"]));
            cursor = (string?)page["nextCursor"];
        }

        Assert.Equal(["c4", "c3", "c2", "c1", "c0"], seen);
    }

    private static Task<Answer> SaveAsync(ServiceHarness service, string body, params (string, string)[] headers) =>
        service.SendAsync(HttpMethod.Put, "/api/calendar/launch", body, headers);

    private static string RunBody(IReadOnlyList<System.Net.ServerSentEvents.SseItem<string>> run) =>
        $$"""{"runId":"{{run[0].Json()["runId"]}}"}""";
}
