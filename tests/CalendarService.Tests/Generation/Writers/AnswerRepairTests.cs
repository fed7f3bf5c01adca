using CalendarService.Generation.Writers;
using CalendarService.Storage;
using Harness;

namespace CalendarService.Tests.Generation.Writers;

/// <summary>Posts whose JSON is broken: mended where it is plain, else an empty slot. Holds docs/contract.md section 6: the stream.</summary>
public sealed class AnswerRepairTests
{
    [Theory]
    [InlineData("{\"text\":\"a\nb\"}", "a\nb")]
    [InlineData("{\"text\":\"a\r\n\r\nb\"}", "a\n\nb")]
    [InlineData("{\"text\":\"a\tb\"}", "a\tb")]
    [InlineData("""{"text":"it\'s"}""", "it's")]
    [InlineData("""{"text":"a\_b \*c\* \#d"}""", "a_b *c* #d")]
    [InlineData("""{"text":"C:\dir \u12"}""", "C:\\dir \\u12")]
    [InlineData("""{"text":"a" """, "a")]
    [InlineData("""{"text":"a","tags":["b"]""", "a")]
    [InlineData("""{"text":"a","tags":["b" """, "a")]
    [InlineData("""{"text":"a","tags":["b",],}""", "a")]
    [InlineData("""{"text":"a","tags":["b"}""", "a")]
    [InlineData("""{"text":"a" "tags":["b"]}""", "a")]
    [InlineData("""{"text":"He said "hi", and left"}""", "He said \"hi\", and left")]
    [InlineData("""{"text":"a 5" screen","tags":["b"]}""", "a 5\" screen")]
    [InlineData("""{“text”: “a”, “tags”: [“b”]}""", "a")]
    [InlineData("""{"text":"„a“ and ”b”"}""", "„a“ and ”b”")]
    [InlineData("""{'text': 'it\'s', 'link': None, 'draft': True}""", "it's")]
    [InlineData("""{'text': "it's"}""", "it's")]
    [InlineData("""{text: "a", tags: ["b"]}""", "a")]
    [InlineData("""{"text"："a"，"tags"：["b"]}""", "a")]
    [InlineData("""{"text":"a", /* why */ "tags":["b"]}""", "a")]
    public async Task Post_WhoseMeaningIsPlain_IsMended(string broken, string text)
    {
        await using var ai = await StubAi.StartAsync(AiReply.Says(broken + "\n{\"text\":\"two\"}\n").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1 });

        Assert.Equal([text, "two"], items.Cast<DraftPost>().Select(p => p.Text));
    }

    [Theory]
    [InlineData("{\"text\":\"torn")]
    [InlineData("{\"text\":\"torn\\\"}")]
    [InlineData("{\"text\":\"torn\",")]
    [InlineData("{\"text\":")]
    [InlineData("{\"text\":7}")]
    [InlineData("{\"text\":null,\"tags\":[\"a\"]}")]
    [InlineData("{\"text\":\" \"}")]
    [InlineData("{\"tags\":[\"a\"]}")]
    [InlineData("{\"post\":{\"text\":\"torn")]
    public async Task Post_ThatCannotBeMended_LeavesItsSlotEmpty(string broken)
    {
        await using var ai = await StubAi.StartAsync(
            AiReply.Says($"{{\"text\":\"one\"}}\n{broken}\n{{\"text\":\"three\"}}\n").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1, PostsPerDay = 3 });

        Assert.Equal([("2026-11-23-1", "one"), ("2026-11-23-3", "three")], items.OfType<DraftPost>().Select(p => (p.EntryId, p.Text)));
        var warnings = items.OfType<WriterWarning>().ToList();
        Assert.Equal(["line-broken", "posts-missing"], warnings.Select(w => w.Code));
        Assert.StartsWith("Line 2 ", warnings[0].Message, StringComparison.Ordinal);
        Assert.Contains("JSON object with \"text\"", warnings[0].Message, StringComparison.Ordinal);
        Assert.Equal((true, "The AI wrote 2 of 3 posts. Empty: 2026-11-23-2."), (warnings[1].LeavesGaps, warnings[1].Message));
    }

    [Theory]
    [InlineData("""[{"text":"one",{"text":"two"}]""")]
    [InlineData("""[{"text":"one","tags":["a"], {"text":"two"}]""")]
    [InlineData("[\n  {\"text\":\"one\",\n  {\"text\":\"two\"}\n]")]
    [InlineData("[{\"text\":\"one\"\n,{\"text\":\"two\"}]")]
    [InlineData("""{"posts":[{"text":"one",{"text":"two"}]}""")]
    [InlineData("""{"text":"one",{"text":"two"}""")]
    public async Task Brace_MissingBetweenPosts_IsMended(string answer)
    {
        await using var ai = await StubAi.StartAsync(AiReply.Says(answer).Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1 });

        Assert.Equal(["one", "two"], items.Cast<DraftPost>().Select(p => p.Text));
    }

    [Fact]
    public async Task Brace_MissingAfterALaterPostOfAnArray_IsMendedToo()
    {
        await using var ai = await StubAi.StartAsync(
            AiReply.Says("""[{"text":"one"},{"text":"two",{"text":"three"}]""").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1, PostsPerDay = 3 });

        Assert.Equal(["one", "two", "three"], items.Cast<DraftPost>().Select(p => p.Text));
    }

    [Theory]
    [InlineData("""{"text":"two""", "two")]
    [InlineData("""{"text":"two}""", "two")]
    [InlineData("""{"text":"two\""", "two")]
    [InlineData("""{"text":"two","ta""", "two")]
    [InlineData("""{"text":"two","tags":["a","b""", "two")]
    [InlineData("""[{"text":"two}]""", "two")]
    [InlineData("{\"text\":\"tw\no", "tw\no")]
    public async Task String_WithoutEndAtTheEndOfTheAnswer_IsTakenWithAWarning(string broken, string text)
    {
        await using var ai = await StubAi.StartAsync(AiReply.Says("{\"text\":\"one\"}\n" + broken).Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1 });

        Assert.Equal(["one", text], items.OfType<DraftPost>().Select(p => p.Text));
        Assert.Equal(
            new WriterWarning("line-broken", "Line 2 of the AI's answer stops within a post; what there is of it was taken."),
            Assert.Single(items.OfType<WriterWarning>()));
    }

    [Theory]
    [InlineData("length")]
    [InlineData(null)]
    public async Task String_WithoutEndInAnAnswerThatWasCutOff_IsNoPost(string? finish)
    {
        var reply = AiReply.Says("{\"text\":\"one\"}\n{\"text\":\"tw");
        await using var ai = await StubAi.StartAsync(finish is null ? reply : reply.Finishes(finish));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);
        var items = new List<WriterItem>();

        await Assert.ThrowsAsync<WriterException>(async () =>
        {
            await foreach (var item in writer.Writer.WriteAsync(Briefs.Coffee with { Days = 1 }, TestContext.Current.CancellationToken))
                items.Add(item);
        });

        Assert.Equal("one", Assert.Single(items.OfType<DraftPost>()).Text);
    }

    [Theory]
    [InlineData("""{"words":"one"}""")]
    [InlineData("""{"text":["one"]}""")]
    [InlineData("{}")]
    public async Task Object_ThatMayHaveBeenAPost_LeavesAGap(string broken)
    {
        await using var ai = await StubAi.StartAsync(AiReply.Says($"{broken}\n{{\"text\":\"two\"}}\n").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1 });

        Assert.True(items.OfType<WriterWarning>().Single(warning => warning.Code == "posts-missing").LeavesGaps);
    }

    [Fact]
    public async Task Chunk_ThatCannotBeRead_CostsThePostThatItBelongsTo()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Nothing()
            .Pieces("{\"text\":\"one\"}\n{\"text\":\"t").Raw("data: {\"choices\":[{\"delta\":{\"cont\u0001!!\n\n")
            .Pieces("wo\"}\n{\"text\":\"three\"}\n").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1, PostsPerDay = 3 });

        Assert.Equal([("2026-11-23-1", "one"), ("2026-11-23-3", "three")], items.OfType<DraftPost>().Select(p => (p.EntryId, p.Text)));
    }

    [Fact]
    public async Task Object_BeforeThePosts_IsNoPostAndTakesNoSlot()
    {
        await using var ai = await StubAi.StartAsync(
            AiReply.Says("{\"title\":\"A calendar\",\"count\":2}\n{\"text\":\"one\"}\n{\"text\":\"two\"}\n").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1 });

        Assert.Equal([("2026-11-23-1", "one"), ("2026-11-23-2", "two")], items.OfType<DraftPost>().Select(p => (p.EntryId, p.Text)));
    }

    [Fact]
    public async Task Posts_AllOfThemBroken_AreAnInvalidAnswer()
    {
        await using var ai = await StubAi.StartAsync(
            AiReply.Says(string.Concat(Enumerable.Repeat("{\"text\":7}\n", 100))).Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        Assert.Equal("ai-invalid-answer", (await Assert.ThrowsAsync<WriterException>(() => writer.WriteAsync(Briefs.Coffee))).Code);
    }
}
