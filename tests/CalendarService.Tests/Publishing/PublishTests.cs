using System.Net;
using CalendarService.Storage;
using Dapper;
using Harness;

namespace CalendarService.Tests.Publishing;

/// <summary>Holds docs/contract.md section 5: the calendar API.</summary>
public sealed class PublishTests(Databases databases)
{
    private const string Launch = """{"calendarId":"launch"}""";

    [Fact]
    public async Task Publish_OfARunThatWroteNothing_IsRefusedAsPartial()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Nothing().Refuses("No."));
        await using var service = await ServiceHarness.StartAsync(
            await databases.NewAsync("sqlite"), "Writer:Kind=OpenAI", $"Writer:OpenAI:BaseUrl={ai.BaseUrl}", "Writer:OpenAI:Model=stub");
        await service.GenerateAsync();

        var refused = await service.PostAsync("/api/publish", Launch);

        Assert.Equal((HttpStatusCode.Conflict, "run-partial"), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task Publish_OfARunWhoseAiIsLeftAlone_IsRefusedAsPartial()
    {
        using var ai = StatusAi.Start(new AiAnswer(500));
        await using var service = await ServiceHarness.StartAsync(
            await databases.NewAsync("sqlite"), "Writer:Kind=OpenAI", $"Writer:OpenAI:BaseUrl={ai.BaseUrl}", "Writer:OpenAI:Model=stub",
            "Writer:OpenAI:CircuitFailures=1", "Writer:OpenAI:Retries=0");
        await service.GenerateAsync(ServiceHarness.Generate.Replace("launch", "before", StringComparison.Ordinal));

        var events = await service.GenerateAsync();
        var refused = await service.PostAsync("/api/publish", Launch);

        Assert.Equal(["meta", "error", "done"], events.Select(e => e.EventType));
        Assert.Equal("ai-unavailable", (string?)events[1].Json()["code"]);
        var done = events[2].Json();
        Assert.Equal(("error", true), ((string?)done["finishReason"], (bool?)done["partial"]));
        Assert.Contains("is left alone for a while", (string?)done["message"], StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Conflict, "run-partial"), (refused.Status, refused.Code));
        Assert.Single(ai.Calls);
    }

    [Theory]
    [EveryStore]
    public async Task Publish_CommitsOneIntentPerEntryAndChannel(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        await service.GenerateAsync();

        var answer = await service.PostAsync("/api/publish", Launch);
        var listed = (await service.GetAsync("/api/publish/intents?calendarId=launch&limit=3")).Json;
        var rest = (await service.GetAsync($"/api/publish/intents?calendarId=launch&cursor={listed["nextCursor"]}")).Json;

        Assert.Equal((HttpStatusCode.OK, "ok", "ok"), (answer.Status, (string?)answer.Json["outcome"], answer.Header("X-Publish-Outcome")));
        Assert.Equal(("launch", "linkedin,x"), (answer.Header("X-Calendar-Id"), answer.Header("X-Channels")));
        Assert.NotNull(answer.Header("X-Run-Id"));
        var intents = answer.Json["intents"]!.AsArray();
        Assert.Equal(8, intents.Count);
        Assert.All(intents, i => Assert.Equal("dry_run_ok", (string?)i!["status"]));
        Assert.Equal(
            intents.Select(i => (string)i!["intentId"]!).Order(StringComparer.Ordinal),
            listed["items"]!.AsArray().Concat(rest["items"]!.AsArray()).Select(i => (string)i!["intentId"]!).Order(StringComparer.Ordinal));
        Assert.Equal(3, listed["items"]!.AsArray().Count);
        var metrics = (await service.GetAsync("/metrics")).Text;
        Assert.Contains("calendar_publish_intents_total{channel=\"x\",status=\"dry_run_ok\"} 4\n", metrics, StringComparison.Ordinal);
        Assert.Contains("calendar_generation_runs_total{outcome=\"timeout\"} 0\n", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [EveryStore]
    public async Task Publish_OfWhatANetworkRefuses_IsPartialAndExported(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        await service.GenerateAsync();
        await service.SendAsync(
            HttpMethod.Patch, "/api/calendar/launch/entries/2099-12-01-1", $$"""{"text":"{{new string('a', 400)}}"}""",
            ("If-Match", "\"1\""));

        var answer = await service.PostAsync("/api/publish", """{"calendarId":"launch","entryIds":["2099-12-01-1"]}""");
        var export = await service.GetAsync("/api/calendar/launch/export");
        var csv = await service.GetAsync("/api/calendar/launch/export?format=csv");

        Assert.Equal((HttpStatusCode.MultiStatus, "partial"), (answer.Status, (string?)answer.Json["outcome"]));
        Assert.Equal(
            [("linkedin", "dry_run_ok"), ("x", "failed")],
            answer.Json["intents"]!.AsArray().Select(i => ((string?)i!["channel"], (string?)i["status"])).Order());
        var entry = export.Json["entries"]![0]!;
        Assert.Equal(("failed", "dry_run_ok"), ((string?)entry["channelStatuses"]!["x"], (string?)entry["channelStatuses"]!["linkedin"]));
        Assert.Contains("400", (string?)entry["error"], StringComparison.Ordinal);
        Assert.Contains("linkedin=dry_run_ok|x=failed", csv.Text, StringComparison.Ordinal);
        Assert.Equal(5, csv.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal("launch.csv", csv.Content.ContentDisposition?.FileName?.Trim('"'));
    }

    [Theory]
    [EveryStore]
    public async Task Publish_WithoutAuth_WritesNothingAndNamesTheChannel(string store)
    {
        await using var service = await ServiceHarness.StartAsync(
            await databases.NewAsync(store), "Channels:x:AccessToken=", "Channels:linkedin:ExpiresAt=2020-01-01T00:00:00Z");
        await service.GenerateAsync();

        var answer = await service.PostAsync("/api/publish", Launch);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "channel-auth"), (answer.Status, answer.Code));
        Assert.Equal(
            [("linkedin", "expired"), ("x", "missing")],
            answer.Json["channels"]!.AsArray().Select(c => ((string?)c!["channel"], (string?)c["reason"])).Order());
        Assert.Equal("rejected", answer.Header("X-Publish-Outcome"));
        Assert.Empty((await service.GetAsync("/api/publish/intents")).Json["items"]!.AsArray());
        Assert.Contains(
            "calendar_channel_auth_failures_total{channel=\"x\",reason=\"missing\"} 1\n",
            (await service.GetAsync("/metrics")).Text, StringComparison.Ordinal);
        var channels = (await service.GetAsync("/api/publish/channels")).Json.AsArray();
        Assert.False((bool)channels.Single(c => (string?)c!["channel"] == "x")!["configured"]!);
    }

    [Theory]
    [EveryStore]
    public async Task Publish_WithTheSameKey_IsDoneOnceAcrossRetriesAndRestarts(string store)
    {
        var database = await databases.NewAsync(store);
        var key = ("Idempotency-Key", "p-1");
        Answer[] answers;
        await using (var service = await ServiceHarness.StartAsync(database))
        {
            await service.GenerateAsync();
            answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => service.PostAsync("/api/publish", Launch, key)));
        }

        await using var next = await ServiceHarness.StartAsync(database);
        var after = await next.PostAsync("/api/publish", """{ "dryRun": true, "calendarId": "launch" }""", key);
        var reused = await next.PostAsync("/api/publish", """{"calendarId":"launch","entryIds":["2099-12-01-1"]}""", key);

        Assert.All(answers.Append(after), answer => Assert.Equal((HttpStatusCode.OK, answers[0].Text), (answer.Status, answer.Text)));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"), (reused.Status, reused.Code));
        await using var connection = await ((Dialect)next.Services.GetService(typeof(Dialect))!).OpenAsync(default);
        Assert.Equal(8, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM publish_intents"));
    }

    [Theory]
    [EveryStore]
    public async Task Publish_OfALargeCalendar_IsOneTransaction(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        var entries = Enumerable.Range(0, 1500).Select(n =>
            $$"""{"entryId":"e{{n}}","scheduledAt":"2099-07-01T12:00:00Z","channels":["x","linkedin"],"text":"t{{n}}"}""");
        await service.SendAsync(
            HttpMethod.Put, "/api/calendar/large", $$"""{"title":"T","timezone":"UTC","entries":[{{string.Join(',', entries)}}]}""",
            ("If-None-Match", "*"));

        var answer = await service.PostAsync("/api/publish", """{"calendarId":"large"}""");
        var export = await service.GetAsync("/api/calendar/large/export");

        Assert.Equal((HttpStatusCode.OK, 3000), (answer.Status, answer.Json["intents"]!.AsArray().Count));
        Assert.Equal(1500, export.Json["entries"]!.AsArray().Select(e => (string?)e!["entryId"]).Distinct().Count());
        Assert.All(export.Json["entries"]!.AsArray(), e => Assert.Equal("dry_run_ok", (string?)e!["channelStatuses"]!["x"]));
    }
}
