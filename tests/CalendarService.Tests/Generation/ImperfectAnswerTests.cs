using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using CalendarService.Generation.Writers;
using Harness;

namespace CalendarService.Tests.Generation;

/// <summary>
/// Answers of an AI that are not perfect, through the whole service: what is kept of them, in both stores, and for how long it is waited.
/// Holds docs/contract.md section 6: the stream.
/// </summary>
public sealed class ImperfectAnswerTests(Databases databases)
{
    private const string Calendar = "/api/calendar/launch";

    private static readonly string OneDay = ServiceHarness.Generate
        .Replace("\"days\":2", "\"days\":1", StringComparison.Ordinal).Replace("\"postsPerDay\":2", "\"postsPerDay\":3", StringComparison.Ordinal);

    [Fact]
    public async Task Post_ThatCannotBeRead_LeavesItsSlotEmptyAndTheRunPartial()
    {
        await using var ai = await StubAi.StartAsync(
            AiReply.Says("{\"text\":\"one\"}\n{\"text\":\"torn\",\n{\"text\":\"three\"}\n").Finishes(), AiReply.Posts("1", "2", "3").Finishes());
        await using var service = await StartAsync("sqlite", ai);

        var events = await service.GenerateAsync(OneDay);
        var calendar = (await service.GetAsync(Calendar)).Json;
        var runId = (string)events[0].Json()["runId"]!;
        var cancelled = (await service.PostAsync($"/api/calendar/runs/{runId}/cancel", "")).Json;
        var publish = await service.PostAsync("/api/publish", """{"calendarId":"launch"}""");

        Assert.Equal(["2099-12-01-1", "2099-12-01-3"], Ids(calendar));
        var done = events[^1].Json();
        Assert.Equal(("complete", true), ((string?)done["finishReason"], (bool)done["partial"]!));
        Assert.Equal(
            "Posts of the writer could not be read. 2 of 3 posts are saved. Generate again to get the rest.", (string?)done["message"]);
        Assert.Equal(("complete", true), ((string?)cancelled["status"], (bool)cancelled["partial"]!));
        Assert.Equal((HttpStatusCode.Conflict, "run-partial"), (publish.Status, publish.Code));

        var again = await service.GenerateAsync(OneDay);
        var applied = await service.PostAsync($"{Calendar}/apply", $$"""{"runId":"{{again[0].Json()["runId"]}}"}""", ("If-Match", "\"1\""));
        Assert.Equal(["2099-12-01-1", "2099-12-01-2", "2099-12-01-3"], Ids(applied.Json));
        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync("/api/publish", """{"calendarId":"launch"}""")).Status);
    }

    [Fact]
    public async Task Post_LongerThanAnEntryTakes_IsCutAsPeoplesAre()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Posts(new string('a', 51), new string('b', 50), "three").Finishes());
        await using var service = await StartAsync("sqlite", ai, "Limits:TextLength=50");

        var events = await service.GenerateAsync(OneDay);
        var calendar = await service.GetAsync(Calendar);
        var saved = await service.SendAsync(HttpMethod.Put, Calendar, calendar.Text, ("If-Match", calendar.ETag!));

        Assert.Equal(
            [new string('a', 49) + "…", new string('b', 50), "three"],
            calendar.Json["entries"]!.AsArray().Select(entry => (string)entry!["text"]!));
        Assert.Equal("post-fitted", (string)Assert.Single(events, e => e.EventType == "warning").Json()["code"]!);
        Assert.Equal(HttpStatusCode.OK, saved.Status);
    }

    public static TheoryData<string, string> Awkward
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var store in new[] { "postgres", "sqlite" })
            {
                rows.Add(store, """{"text":"one","link":"https://shop.example/\u0000a","tags":["a"]}""");
                rows.Add(store, """{"text":"o\u0000n\u0007e","tags":["\u0000","a\u0000b"]}""");
                rows.Add(store, """{"text":"one \ud83d","link":"https://shop.example/\ude00","tags":["\ud83da"]}""");
                var emoji = "one" + string.Concat(Enumerable.Repeat("😀", 6_000));
                rows.Add(store, $$"""{"text":"{{emoji}}","link":"https://shop.example/{{new string('p', 3_000)}}"}""");
                rows.Add(store, $$"""{"text":"one","link":"ftp://shop.example/","tags":["","{{new string('t', 101)}}"," "]}""");
                rows.Add(store, """{"text":"one\r\n\ttwo\u2028\ufffe\uffff\u0085","link":"shop.example.com","tags":"#a #b"}""");
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Awkward))]
    public async Task Post_WithCharactersThatNothingStores_LosesOnlyThoseAndCanBeSavedAgain(string store, string post)
    {
        await using var ai = await StubAi.StartAsync(AiReply.Says($"{post}\n{{\"text\":\"two\"}}\n{{\"text\":\"three\"}}\n").Finishes());
        await using var service = await StartAsync(store, ai);

        var events = await service.GenerateAsync(OneDay);
        var calendar = await service.GetAsync(Calendar);
        var saved = await service.SendAsync(HttpMethod.Put, Calendar, calendar.Text, ("If-Match", calendar.ETag!));
        var run = await service.GenerateAsync(OneDay);
        var applied = await service.PostAsync($"{Calendar}/apply", $$"""{"runId":"{{run[0].Json()["runId"]}}"}""", ("If-Match", saved.ETag!));

        Assert.Equal(("complete", false), ((string?)events[^1].Json()["finishReason"], (bool)events[^1].Json()["partial"]!));
        Assert.Equal(3, calendar.Json["entries"]!.AsArray().Count);
        Assert.StartsWith("one", (string?)calendar.Json["entries"]![0]!["text"], StringComparison.Ordinal);
        Assert.Contains(events, e => e.EventType == "warning" || post.Contains("u2028", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (saved.Status, applied.Status));
        Assert.Equal(calendar.Json["entries"]!.ToJsonString(), saved.Json["entries"]!.ToJsonString());
        Assert.Equal(calendar.Json["entries"]!.ToJsonString(), applied.Json["entries"]!.ToJsonString());
    }

    [Theory]
    [EveryStore]
    public async Task Nul_InWhatAPersonSends_IsRefusedAndNeverStored(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        await service.GenerateAsync();
        const string nul = "\\u0000";
        (HttpMethod Method, string Path, string Body)[] requests =
        [
            (HttpMethod.Patch, $"{Calendar}/entries/2099-12-01-1", $$"""{"text":"a{{nul}}"}"""),
            (HttpMethod.Patch, $"{Calendar}/entries/2099-12-01-1", $$"""{"link":"https://shop.example/{{nul}}"}"""),
            (HttpMethod.Patch, $"{Calendar}/entries/2099-12-01-1", $$"""{"tags":["a{{nul}}"]}"""),
            (HttpMethod.Patch, $"{Calendar}/entries/2099-12-01-1", $$"""{"mediaUrls":["https://media.example/{{nul}}.jpg"]}"""),
            (HttpMethod.Patch, $"{Calendar}/entries/2099-12-01-1", $$"""{"a{{nul}}":1}"""),
            (HttpMethod.Patch, $"{Calendar}/entries/a%00b", """{"text":"a"}"""),
            (HttpMethod.Put, Calendar, $$"""{"title":"a{{nul}}","timezone":"Europe/Berlin","entries":[]}"""),
            (HttpMethod.Put, Calendar, $$"""{"title":"a","timezone":"Europe/Berlin","entries":[{"entryId":"a{{nul}}"}]}"""),
            (HttpMethod.Put, "/api/calendar/a%00b", """{"title":"a","timezone":"Europe/Berlin","entries":[]}"""),
            (HttpMethod.Post, $"{Calendar}/apply", $$"""{"runId":"a{{nul}}"}"""),
            (HttpMethod.Post, $"{Calendar}/diff", $$"""{"runId":"a{{nul}}"}"""),
            (HttpMethod.Post, $"{Calendar}/apply", $$"""{"runId":"a","accept":[{"entryId":"a{{nul}}","field":"text"}]}"""),
            (HttpMethod.Post, "/api/calendar/generate", ServiceHarness.Generate.Replace("Launch", nul, StringComparison.Ordinal)),
            (HttpMethod.Post, "/api/publish", $$"""{"calendarId":"a{{nul}}"}"""),
            (HttpMethod.Post, "/api/publish", $$"""{"calendarId":"launch","runId":"a{{nul}}"}"""),
            (HttpMethod.Post, "/api/publish", $$"""{"calendarId":"launch","entryIds":["a{{nul}}"]}"""),
            (HttpMethod.Get, "/api/calendar/runs/a%00b/stream", ""),
            (HttpMethod.Post, "/api/calendar/runs/a%00b/cancel", ""),
        ];

        foreach (var (method, path, body) in requests)
        {
            var answer = await service.SendAsync(method, path, body.Length == 0 ? null : body, ("If-Match", "\"1\""));
            Assert.True((int)answer.Status is >= 400 and < 500, $"{method} {path} {body}: {(int)answer.Status} {answer.Text}");
        }

        Assert.DoesNotContain(nul, (await service.GetAsync(Calendar)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}")]
    [InlineData("")]
    public async Task Writer_ThatThinks_ShowsThatItLives(string thought)
    {
        var release = new TaskCompletionSource();
        await using var ai = await StubAi.StartAsync(AiReply.Nothing()
            .Raw(thought.Length > 0 ? $"data: {thought}\n\n" : ": PROCESSING\n\n").WaitsFor(release.Task)
            .Raw("data: {\"choices\":[{\"delta\":{\"content\":\"{\\\"te\"}}]}\n\n").Stalls());
        await using var writer = Writers.WriterUnderTest.OpenAI(ai.BaseUrl);
        using var cancel = new CancellationTokenSource();
        await using var items = writer.Writer.WriteAsync(Writers.Briefs.Coffee, cancel.Token).GetAsyncEnumerator();

        // The head of the answer, and what it thinks.
        for (var signs = 0; signs < 2; signs++)
        {
            Assert.True(await items.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10)));
            Assert.IsType<SignOfLife>(items.Current);
        }

        release.SetResult();
        var next = items.MoveNextAsync().AsTask();
        Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.IsType<SignOfLife>(items.Current);
        await cancel.CancelAsync();
    }

    // Slow in all: twice the limit; never silent for a third of it.
    [Fact]
    public async Task Post_ThatTakesLongerThanTheLimit_IsWaitedForWhileTokensCome()
    {
        var reply = AiReply.Nothing();
        foreach (var c in "{\"text\":\"one\"}")
            reply = reply.Pieces($"{c}").WaitsForAMoment(TimeSpan.FromMilliseconds(200));
        await using var ai = await StubAi.StartAsync(reply.Pieces("\n{\"text\":\"two\"}\n{\"text\":\"three\"}\n").Finishes());
        await using var service = await StartAsync("sqlite", ai, "Generation:FirstItemTimeout=00:00:01.4", "Generation:ItemTimeout=00:00:01.4");

        var done = (await service.GenerateAsync(OneDay))[^1].Json();

        Assert.Equal(("complete", 3), ((string?)done["finishReason"], (int)done["entries"]!));
    }

    [Fact]
    public async Task Run_OfAnAIThatIsAliveAndNeverDone_EndsAfterTheLimitOfTheWholeRun()
    {
        var reply = AiReply.Nothing();
        for (var i = 0; i < 400; i++)
            reply = reply.Raw(": PROCESSING\n\n").WaitsForAMoment(TimeSpan.FromMilliseconds(50));
        await using var ai = await StubAi.StartAsync(reply.Stalls());
        await using var service = await StartAsync("sqlite", ai, "Generation:TotalTimeout=00:00:01");

        var done = (await service.GenerateAsync(OneDay))[^1].Json();

        Assert.Equal("timeout", (string?)done["finishReason"]);
        Assert.Contains("not finished in time", (string?)done["message"], StringComparison.Ordinal);
    }

    private static IEnumerable<string?> Ids(JsonNode calendar) => calendar["entries"]!.AsArray().Select(entry => (string?)entry!["entryId"]);

    private async Task<ServiceHarness> StartAsync(string store, StubAi ai, params string[] settings) => await ServiceHarness.StartAsync(
        await databases.NewAsync(store), ["Writer:Kind=OpenAI", $"Writer:OpenAI:BaseUrl={ai.BaseUrl}", "Writer:OpenAI:Model=stub", .. settings]);
}
