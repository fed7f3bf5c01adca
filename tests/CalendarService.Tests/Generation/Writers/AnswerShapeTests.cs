using CalendarService.Generation.Writers;
using Harness;

namespace CalendarService.Tests.Generation.Writers;

/// <summary>Answers that are not one object a line, and how they may end. Holds docs/contract.md section 6: the stream.</summary>
public sealed class AnswerShapeTests
{
    public static TheoryData<string> Shapes =>
    [
        """[{"text":"one"},{"text":"two, {with} [brackets]"}]""",
        """{"posts":[{"text":"one"},{"text":"two, {with} [brackets]"}]}""",
        """
        ```json
        [
          {
            "text": "one",
            "tags": [
              "a"
            ],
            "link": null
          },
          {
            "text": "two, {with} [brackets]"
          }
        ]
        ```
        """,
        """
        {
          "title": "A calendar",
          "posts": [
            { "text": "one" },
            { "text": "two, {with} [brackets]" }
          ]
        }
        """,
        """```json {"text":"one"}{"text":"two, {with} [brackets]"}```""",
        "\ufeff{\"text\":\"one\"}\r{\"text\":\"two, {with} [brackets]\",\"more\":{\"a\":{}}}\r",
        "1. {\"text\":\"one\"}\n2) {\"text\":\"two, {with} [brackets]\"}",
        "- {\"text\":\"one\"}\n* {\"text\":\"two, {with} [brackets]\"}",
        "Post 1: {\"text\":\"one\"}\n**Post 2:** {\"text\":\"two, {with} [brackets]\"}",
        "2099-12-01-1: {\"text\":\"one\"}\ndata: {\"text\":\"two, {with} [brackets]\"}",
        "Day 1 (Monday, 2026-11-23), slot 1: {\"text\":\"one\"}\nDay 1 (Monday, 2026-11-23), slot 2: {\"text\":\"two, {with} [brackets]\"}",
        """{"tweet":"one"}{"post_text":"two, {with} [brackets]"}""",
        """{"post":{"text":"one"},"day":1}{"Post":{"TEXT":"two, {with} [brackets]"}}""",
        """{"caption":"one"}{"day":2,"content":"two, {with} [brackets]"}""",
        """{"1":{"text":"one"},"2":{"text":"two, {with} [brackets]"}}""",
        """{"calendar":{"days":[{"date":"1","posts":[{"text":"one"}]},{"posts":[{"text":"two, {with} [brackets]"}]}],"note":"x"}}""",
        """{"posts":[{"caption":"one"},{"caption":"two, {with} [brackets]"}]}""",
        """{"text":"one","media":[{"url":"u","text":"a picture"}]}{"media":[{"url":"u"}],"text":"two, {with} [brackets]"}""",
    ];

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Posts_InAnyShapeThatModelsGive_AreTakenWithoutAWarning(string answer)
    {
        await using var ai = await StubAi.StartAsync(AiReply.Says(answer).Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1 });

        Assert.Equal(["one", "two, {with} [brackets]"], items.Cast<DraftPost>().Select(p => p.Text));
    }

    [Theory]
    [InlineData("{\"text\":\"torn\",\n")]
    [InlineData("{\"text\":\"torn\",\"tags\":[\n")]
    [InlineData("{\"text\":\"torn\",\"tags\":[\"to\n")]
    public async Task Post_ThatIsTorn_CostsOnlyItself(string torn)
    {
        await using var ai = await StubAi.StartAsync(AiReply.Says(torn + "{\"text\":\"one\"}\n").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1, PostsPerDay = 1 });

        Assert.StartsWith("Line 1 ", Assert.IsType<WriterWarning>(items[0]).Message, StringComparison.Ordinal);
        Assert.Equal("one", Assert.IsType<DraftPost>(items[1]).Text);
    }

    // It would take minutes if each brace cost a look at all that came before it.
    [Theory]
    [InlineData('[')]
    [InlineData(' ')]
    [InlineData('x')]
    public async Task Line_OfBracesWithoutEnd_IsReadOnce(char filler)
    {
        var reader = Briefs.ReaderFor(Briefs.Coffee);
        var hostile = new string(filler, 60_000) + "x" + new string('{', 500_000) + "\n{\"text\":\"one\"}\n";

        var items = await Task.Run(() => reader.Feed(hostile).Concat(reader.End()).ToList()).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.StartsWith("Line 1 ", Assert.IsType<WriterWarning>(items[0]).Message, StringComparison.Ordinal);
        Assert.Equal("one", Assert.IsType<DraftPost>(items[1]).Text);
    }

    [Fact]
    public async Task Answer_CutOffAtItsLongest_IsNoCompleteOne()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Posts("1", "2", "3").Then("{\"te").Finishes("length"));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);
        var items = new List<WriterItem>();

        var error = await Assert.ThrowsAsync<WriterException>(async () =>
        {
            await foreach (var item in writer.ItemsAsync(Briefs.Coffee))
                items.Add(item);
        });

        Assert.Equal("ai-cut-off", error.Code);
        Assert.Equal(["1", "2", "3"], items.Cast<DraftPost>().Select(p => p.Text));
        Assert.Single(ai.Calls);
    }

    [Theory]
    [InlineData("length")]
    [InlineData("eos")]
    public async Task Finish_OfAnyKindAfterEveryPost_IsAnEnd(string reason)
    {
        await using var ai = await StubAi.StartAsync(AiReply.Posts("1", "2", "3", "4").Finishes(reason));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        Assert.Equal(4, (await writer.WriteAsync(Briefs.Coffee)).Cast<DraftPost>().Count());
    }

    [Fact]
    public async Task Finish_OfAnUnknownKindBeforeTheLastPost_IsAnEndToo()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Posts("1").Finishes("eos"));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee);

        Assert.Equal("1", Assert.IsType<DraftPost>(items[0]).Text);
        Assert.Equal(new WriterWarning("posts-missing", "The AI wrote 1 of 4 posts."), items[1]);
    }
}
