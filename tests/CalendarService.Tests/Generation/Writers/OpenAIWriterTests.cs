using CalendarService.Generation.Writers;
using Harness;

namespace CalendarService.Tests.Generation.Writers;

/// <summary>Holds docs/contract.md section 6: the stream.</summary>
public sealed class OpenAIWriterTests
{
    [Fact]
    public async Task Answer_OfOneObjectALine_BecomesPostsInOurSlots()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Posts("one", "two", "three", "four").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var posts = (await writer.WriteAsync(Briefs.Coffee)).Cast<DraftPost>().ToList();

        Assert.Equal(["one", "two", "three", "four"], posts.Select(p => p.Text));
        Assert.Equal(["2026-11-23-1", "2026-11-23-2", "2026-11-24-1", "2026-11-24-2"], posts.Select(p => p.EntryId));
        Assert.All(posts, p => Assert.Equal(TimeSpan.FromHours(1), p.ScheduledAt.Offset));
        Assert.All(posts, p => Assert.Equal(["tag"], p.Tags));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    public async Task Answer_SplitAnywhere_ReadsTheSame(int bytes)
    {
        await using var ai = await StubAi.StartAsync(
            AiReply.Posts("naïve 日本 👩‍👩‍👧", "a \"quote\"\nand a line", "three", "four").Finishes().SplitEvery(bytes));
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var texts = (await writer.WriteAsync(Briefs.Coffee)).Cast<DraftPost>().Select(p => p.Text);

        Assert.Equal(["naïve 日本 👩‍👩‍👧", "a \"quote\"\nand a line", "three", "four"], texts);
    }

    [Fact]
    public async Task Post_WithItsLineWhole_IsGivenWhileTheAnswerGoesOn()
    {
        var release = new TaskCompletionSource();
        await using var ai = await StubAi.StartAsync(
            AiReply.Posts("one").WaitsFor(release.Task).Then("""{"text":"two"}""" + "\n").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        await using var items = writer.ItemsAsync(Briefs.Coffee).GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10)));

        Assert.Equal("one", Assert.IsType<DraftPost>(items.Current).Text);
        Assert.Equal(1, ai.Open);
        release.SetResult();
    }

    [Theory]
    [InlineData("{\"text\":\"half")]
    [InlineData("Sure! Here are your posts:")]
    [InlineData("{\"txt\":\"no text\"}")]
    [InlineData("{\"text\":\"  \"}")]
    [InlineData("{\"text\":42}")]
    [InlineData("{\"text\":\"\\ud83d\"}")]
    [InlineData("[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]")]
    [InlineData("\"a string\"")]
    public async Task Line_ThatIsNoPost_IsAWarningAndTheRestStands(string line)
    {
        await using var ai = await StubAi.StartAsync(
            AiReply.Posts("one").Then(line + "\n").Then("""{"text":"two"}""" + "\n").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1 });

        Assert.Equal(["one", "two"], items.OfType<DraftPost>().Select(p => p.Text));
        var warning = Assert.Single(items.OfType<WriterWarning>());
        Assert.Equal("line-broken", warning.Code);
        Assert.StartsWith("Line 2 ", warning.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(line, warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Line_WithoutAnEnd_IsCutShortAndToldOnce()
    {
        await using var ai = await StubAi.StartAsync(
            AiReply.Nothing().Raw(Delta(new string('x', 100_000))).Raw(Delta("\n")).Then("{\"text\":\"one\"}").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1, PostsPerDay = 1 });

        Assert.Equal(["line-broken"], items.OfType<WriterWarning>().Select(w => w.Code));
        Assert.Equal("one", Assert.Single(items.OfType<DraftPost>()).Text);
    }

    [Fact]
    public async Task FenceArrayAndCommas_AroundPosts_AreForgiven()
    {
        await using var ai = await StubAi.StartAsync(
            AiReply.Says("```json\n[\n{\"text\":\"one\",},\n\n  {\"text\":\"two\"}\n]\n```").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1 });

        Assert.Equal(["one", "two"], items.Cast<DraftPost>().Select(p => p.Text));
    }

    [Fact]
    public async Task Posts_BeyondTheSlots_AreLeftOutWithOneWarningAndTheStreamIsClosed()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Posts("1", "2", "3", "4", "5", "6").Stalls());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee);

        Assert.Equal(4, items.OfType<DraftPost>().Count());
        Assert.Equal("posts-extra", Assert.IsType<WriterWarning>(items[^1]).Code);
        Assert.Single(items.OfType<WriterWarning>());
        await Eventually.TrueAsync("the AI's stream is closed", () => ai.Open == 0);
    }

    [Fact]
    public async Task Posts_MissingAtANormalEnd_AreAWarningWithBothNumbers()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Posts("1", "2", "3").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee);

        Assert.Equal(3, items.OfType<DraftPost>().Count());
        Assert.Equal(new WriterWarning("posts-missing", "The AI wrote 3 of 4 posts."), items[^1]);
    }

    [Fact]
    public async Task LastLine_WithoutALineBreak_IsAPost()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Says("{\"text\":\"only\"}").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1, PostsPerDay = 1 });

        Assert.Equal("only", Assert.IsType<DraftPost>(Assert.Single(items)).Text);
    }

    [Fact]
    public async Task Connection_HangingAfterTheLastPost_DoesNotHoldTheRun()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Posts("1", "2", "3", "4").Stalls());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee).WaitAsync(TimeSpan.FromSeconds(15));

        Assert.Equal(4, items.Cast<DraftPost>().Count());
    }

    [Fact]
    public async Task Post_LongerThanAChannelTakes_IsKeptWithAWarningOfLimitAndLength()
    {
        var secret = new string('q', 300);
        await using var ai = await StubAi.StartAsync(AiReply.Posts(secret, "short").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1 });

        Assert.Equal(secret, Assert.IsType<DraftPost>(items[0]).Text);
        var warning = Assert.Single(items.OfType<WriterWarning>());
        Assert.Equal("over-limit", warning.Code);
        Assert.Contains("300", warning.Message, StringComparison.Ordinal);
        Assert.Contains("280", warning.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("qqq", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_WhereAChannelHasNoPlace_IsLeftOutWithAWarning()
    {
        await using var ai = await StubAi.StartAsync(
            AiReply.Says("{\"text\":\"one\",\"link\":\"https://shop.example/\"}\n").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        var items = await writer.WriteAsync(Briefs.Coffee with { Days = 1, PostsPerDay = 1, Channels = ["x", "instagram"] });

        var post = Assert.IsType<DraftPost>(items[0]);
        Assert.Null(post.Link);
        Assert.Equal(["https://media.example/2026-11-23-1.jpg"], post.MediaUrls);
        Assert.Equal("link-dropped", Assert.IsType<WriterWarning>(items[1]).Code);
    }

    [Fact]
    public async Task Request_Made_CarriesModelKeyBriefAndLimits()
    {
        await using var ai = await StubAi.StartAsync(AiReply.Posts("1", "2", "3", "4").Finishes());
        await using var writer = WriterUnderTest.OpenAI(ai.BaseUrl);

        await writer.WriteAsync(Briefs.Coffee);

        var call = Assert.Single(ai.Calls);
        Assert.Equal($"Bearer {WriterUnderTest.Key}", call.Authorization);
        foreach (var part in new[] { "\"stream\":true", "\"model\":\"stub\"", "coffee subscription", "exactly 4 posts", "280", "3000" })
            Assert.Contains(part, call.Body, StringComparison.Ordinal);
    }

    private static string Delta(string content) =>
        "data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\","
        + "\"choices\":[{\"index\":0,\"delta\":{\"content\":"
        + System.Text.Json.JsonSerializer.Serialize(content) + "}}]}\n\n";
}
