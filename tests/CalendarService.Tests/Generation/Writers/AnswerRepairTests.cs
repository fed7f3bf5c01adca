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
