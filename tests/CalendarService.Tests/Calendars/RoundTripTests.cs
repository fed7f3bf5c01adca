using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using CalendarService.Generation.Writers;
using CalendarService.Storage;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace CalendarService.Tests.Calendars;

/// <summary>
/// What GET gives, PUT takes back unchanged, whatever a writer made of it. Holds docs/contract.md section 5: the calendar API.
/// </summary>
public sealed class RoundTripTests(Databases databases)
{
    private const string Calendar = "/api/calendar/launch";

    // Each in part what is stored, and no longer it.
    private static readonly (string Field, string Value)[] Illegal =
    [
        ("text", $"\"{new string('t', 39)}\""), ("link", "\"shop.example/\""), ("tags", """[""]"""),
        ("tags", $"""["{new string('t', 101)}",""]"""), ("mediaUrls", """["ftp://a.example/2.jpg"]"""), ("channels", """["myspaces"]"""),
    ];

    [Theory]
    [EveryStore]
    public async Task Calendar_OfAWriterWithoutManners_IsTakenBackUnchangedOnEveryPath(string store)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync(store), new RudeWriter());

        var first = await service.GenerateAsync(Body("Coffee", 18, 5));
        Assert.Equal("complete", (string?)first[^1].Json()["finishReason"]);
        await AssertTakenBackAsync(service);
        var warned = first.Where(frame => frame.EventType == "warning").Select(frame => (string?)frame.Json()["code"]).ToHashSet();
        Assert.Equal(["link-dropped", "post-fitted"], warned.Order());

        var second = await service.GenerateAsync(Body("Tea", 18, 5));
        var apply = await service.PostAsync(
            $"{Calendar}/apply", $$"""{"runId":"{{second[0].Json()["runId"]}}"}""", ("If-Match", (await service.GetAsync(Calendar)).ETag!));
        Assert.Equal(HttpStatusCode.OK, apply.Status);
        await AssertTakenBackAsync(service);

        var patched = await service.SendAsync(
            HttpMethod.Patch, $"{Calendar}/entries/2099-12-01-1", """{"text":"😀","tags":["हिन्दी"]}""", ("If-Match", apply.ETag!));
        Assert.Equal(HttpStatusCode.OK, patched.Status);
        await AssertTakenBackAsync(service);
    }

    [Fact]
    public async Task Calendar_OfTheBuiltInWriter_IsTakenBackUnchangedForAnyBrief()
    {
        string[] briefs =
        [
            "\"\" '' „“ «»", "See https://shop.example/" + new string('p', 3_000), "हिन्दी दिवस समारोह", "𠮷野家 𠮷野家",
            "Cafe\u0301 Gro\u0308ße",
            "สวัสดีปีใหม่", "مَرْحَبًا بكم في متجرنا", "👩‍👩‍👧‍👦 🎉🎉", "I <3 coffee", "- = + @", "#a #b @c @d", "\u0301\u0301\u0301",
            string.Concat(Enumerable.Repeat("見出しの長い文章", 200)), new string('a', 300), "=HYPERLINK(\"x\"),\t|;", "\u200B\uFEFF", "a\u0001b",
            string.Concat(Enumerable.Repeat("a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301", 300)),
        ];
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"), "Writer:BuiltIn:Pace=00:00:00");

        for (var i = 0; i < briefs.Length; i++)
        {
            var body = Body(briefs[i], 1, 5).Replace("\"launch\"", $"\"launch{i}\"", StringComparison.Ordinal);
            Assert.Equal("complete", (string?)(await service.GenerateAsync(body))[^1].Json()["finishReason"]);
            await AssertTakenBackAsync(service, $"{Calendar}{i}");
        }
    }

    [Fact]
    public async Task Entry_PatchedWithWhatIsOddButLegal_IsTakenBackUnchanged()
    {
        string[] patches =
        [
            """{"text":"\u2028"}""",
            """{"text":"\ufeff"}""",
            """{"text":"\u0001"}""",
            """{"text":"\r\n\t "}""",
            """{"text":null}""",
            """{"link":"HTTP://A.example"}""",
            """{"link":"https://a.example/a b"}""",
            """{"link":"https://a.example/\u200b"}""",
            """{"link":" https://a.example/ "}""",
            """{"link":null}""",
            """{"tags":["a","a","a|b","\\"]}""",
            """{"tags":["\u0301"]}""",
            """{"mediaUrls":["https://a.example/1.jpg","https://a.example/1.jpg"]}""",
            """{"scheduledAt":"2099-12-01t09:00:00.1234567z"}""",
            """{"scheduledAt":"2026-10-25T02:30:00+01:00","timezone":"Europe/Berlin"}""",
            """{"scheduledAt":"2099-03-29T02:30:00+01:00"}""",
            """{"timezone":"Asia/Calcutta"}""",
            """{"scheduledAt":"1971-01-01T00:00:00-14:00","timezone":"Africa/Monrovia"}""",
            """{"scheduledAt":"8999-12-31T23:59:59.9999999Z","timezone":"Pacific/Kiritimati"}""",
            """{"status":"failed","channels":["youtube","x"]}""",
        ];
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));
        const string Entry = """{"entryId":"a","scheduledAt":"2099-12-01T09:00:00Z","channels":["x"]}""";
        await service.SendAsync(
            HttpMethod.Put, Calendar, $$"""{"title":"T","timezone":"UTC","entries":[{{Entry}}]}""", ("If-None-Match", "*"));

        foreach (var patch in patches)
        {
            var patched = await service.SendAsync(HttpMethod.Patch, $"{Calendar}/entries/a", patch, ("If-Match", "*"));
            Assert.True(patched.Status == HttpStatusCode.OK, $"{patch} {patched.Text}");
            await AssertTakenBackAsync(service);
        }
    }

    // As rows may be that were stored before a rule, or under a higher limit.
    [Theory]
    [EveryStore]
    public async Task Entry_ThatTodaysRulesWouldRefuse_IsTakenBackUnchangedAndJudgedWhereItChanges(string store)
    {
        var database = await databases.NewAsync(store);
        await using (var before = await ServiceHarness.StartAsync(database))
        {
            var entries = string.Join(',', Enumerable.Range(0, 3).Select(i =>
                $$"""{"entryId":"e{{i}}","scheduledAt":"2099-12-01T09:00:0{{i}}Z","channels":["x"],"text":"{{new string('t', 40)}}"}"""));
            var body = $$"""{"title":"T","timezone":"UTC","entries":[{{entries}}]}""";
            Assert.Equal(HttpStatusCode.Created, (await before.SendAsync(HttpMethod.Put, Calendar, body, ("If-None-Match", "*"))).Status);
        }

        await using var service = await ServiceHarness.StartAsync(database, "Limits:TextLength=20", "Limits:EntriesPerCalendar=2");
        await service.Services.GetRequiredService<Database>().WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                "UPDATE entries SET link = @link, tags = @tags, media_urls = @media, channels = @channels",
                new
                {
                    link = "shop.example", tags = new JsonArray("", new string('t', 101)).ToJsonString(),
                    media = new JsonArray("ftp://a.example/1.jpg").ToJsonString(), channels = new JsonArray("myspace").ToJsonString(),
                },
                transaction),
            default);

        await AssertTakenBackAsync(service);
        var loaded = await service.GetAsync(Calendar);
        foreach (var (field, value) in Illegal)
        {
            var changed = loaded.Json;
            changed["entries"]![1]![field] = JsonNode.Parse(value);
            var refused = await service.SendAsync(HttpMethod.Put, Calendar, changed.ToJsonString(), ("If-Match", loaded.ETag!));
            Assert.Equal("validation", refused.Code);
            Assert.All(
                refused.Json["errors"]!.AsObject(),
                error => Assert.StartsWith($"entries[1].{field}", error.Key, StringComparison.Ordinal));
        }

        var edited = loaded.Json;
        edited["entries"]![1]!["text"] = "short";
        var saved = await service.SendAsync(HttpMethod.Put, Calendar, edited.ToJsonString(), ("If-Match", loaded.ETag!));
        Assert.True(saved.Status == HttpStatusCode.OK, saved.Text);
        edited["entries"]![1]!["version"] = 2;
        edited["version"] = 2;
        edited["entries"]![1]!["editedFields"] = saved.Json["entries"]![1]!["editedFields"]!.DeepClone();
        edited["updatedAt"] = saved.Json["updatedAt"]!.DeepClone();
        Assert.Equal(edited.ToJsonString(), saved.Json.ToJsonString());

        var same = new JsonObject { ["tags"] = saved.Json["entries"]![0]!["tags"]!.DeepClone(), ["text"] = "also short" };
        var patched = await service.SendAsync(
            HttpMethod.Patch, $"{Calendar}/entries/e0", same.ToJsonString(), ("If-Match", saved.ETag!));
        Assert.True(patched.Status == HttpStatusCode.OK, patched.Text);
        await AssertTakenBackAsync(service);

        // An entry of another name, or a calendar that is created, has nothing that could be unchanged.
        var renamed = (await service.GetAsync(Calendar)).Json;
        renamed["entries"]![0]!["entryId"] = "other";
        Assert.Equal(
            "validation", (await service.SendAsync(HttpMethod.Put, Calendar, renamed.ToJsonString(), ("If-Match", patched.ETag!))).Code);
        renamed["calendarId"] = "copy";
        Assert.Equal(
            "validation",
            (await service.SendAsync(HttpMethod.Put, "/api/calendar/copy", renamed.ToJsonString(), ("If-None-Match", "*"))).Code);
    }

    private static string Body(string brief, int days, int postsPerDay) => new JsonObject
    {
        ["calendarId"] = "launch", ["brief"] = brief, ["startDate"] = "2099-12-01", ["days"] = days, ["postsPerDay"] = postsPerDay,
        ["channels"] = new JsonArray("facebook", "pinterest"), ["timezone"] = "Europe/Berlin",
    }.ToJsonString();

    private static async Task AssertTakenBackAsync(ServiceHarness service, string address = Calendar)
    {
        var loaded = await service.GetAsync(address);
        var exported = await service.GetAsync(address + "/export?format=json");
        foreach (var body in (string[])[loaded.Text, exported.Text])
        {
            var saved = await service.SendAsync(HttpMethod.Put, address, body, ("If-Match", loaded.ETag!));
            Assert.True(saved.Status == HttpStatusCode.OK, saved.Text);
            Assert.Equal(loaded.ETag, saved.ETag);
            Assert.Equal(loaded.Text, saved.Text);
        }
    }

    /// <summary>Gives in turn everything that an entry cannot hold, alone and with something that it can.</summary>
    private sealed class RudeWriter : IContentWriter
    {
        private static readonly string[] Texts =
        [
            "Hello.", "", "a\0b", "\ud83d half", new('x', 20_000), string.Concat(Enumerable.Repeat("👩‍👩‍👧‍👦", 10_001)),
            string.Concat(Enumerable.Repeat("क्ष", 10_000)), "line\r\nline\u2028\u0007",
        ];

        private static readonly string?[] Links =
        [
            "https://shop.example/", null, "", " ", "https://shop.example/" + new string('p', 3_000), "https://shop.example/\0a",
            "shop.example", "ftp://shop.example/",
            "https://shop.example/a b", "https://shop.example/\ud83d", "https://münchen.example/ä?ö#ü",
        ];

        private static readonly string[] Tags =
            ["tag", "", "  ", new('t', 101), string.Concat(Enumerable.Repeat("😀", 100)), "\0", "a\udc00", "हिन्दी", "\u0301"];

        public async IAsyncEnumerable<WriterItem> WriteAsync(WritingBrief brief, [EnumeratorCancellation] CancellationToken cancel)
        {
            await Task.CompletedTask;
            foreach (var slot in PostSlots.Plan(brief))
            {
                var i = slot.Index + brief.Brief.Length;
                yield return new DraftPost(
                    slot.EntryId, slot.ScheduledAt, brief.Timezone, brief.Channels, Texts[i % Texts.Length], Links[i % Links.Length],
                    [.. Links.OfType<string>().Skip(i % 5)], [.. Enumerable.Range(0, i).Select(n => Tags[(i + n) % Tags.Length])]);
            }
        }
    }
}
