using System.Diagnostics;
using CalendarService.Channels;
using CalendarService.Generation.Writers;
using FsCheck;
using FsCheck.Fluent;
using ServiceDefaults.Wire;

namespace CalendarService.Tests.Generation.Writers;

public sealed class BuiltInWriterTests
{
    [Fact]
    public async Task Brief_WrittenTwice_GivesTheSamePosts()
    {
        var brief = Briefs.Coffee with { Days = 30, PostsPerDay = 5 };

        Assert.Equal(await TextsAsync(brief), await TextsAsync(brief));
        Assert.NotEqual(await TextsAsync(brief), await TextsAsync(brief with { Brief = "Our tea shop opens. Green tea, black tea." }));
    }

    // A pinned post: a random seed, a culture or a hash that differs between machines would change it.
    [Fact]
    public async Task Brief_OnAnyMachine_GivesThisPost()
    {
        var post = (await PostsAsync(Briefs.Coffee))[0];

        Assert.Equal(PinnedText, post.Text);
        Assert.Equal(["fairprices", "freedelivery", "berlin"], post.Tags);
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 11, 0, 0, TimeSpan.FromHours(1)), post.ScheduledAt);
        Assert.Equal(
            ["2026-11-23-1", "2026-11-23-2", "2026-11-24-1", "2026-11-24-2"], (await PostsAsync(Briefs.Coffee)).Select(p => p.EntryId));
    }

    [Fact]
    public async Task Posts_OfAMonth_ReadDifferently()
    {
        var texts = await TextsAsync(Briefs.Coffee with { Days = 30, PostsPerDay = 1 });

        Assert.Equal(30, texts.Distinct().Count());
        Assert.Contains(texts, t => t.Contains("coffee subscription", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Posts_ForEachChannelAndForAll_AreAcceptedByThem()
    {
        foreach (var channel in Briefs.AllChannels)
            await AssertAcceptedAsync(Briefs.Coffee with { Channels = [channel] });
        await AssertAcceptedAsync(Briefs.Coffee with { Channels = Briefs.AllChannels });
    }

    [Fact]
    public void Posts_OfAnyBrief_AreAcceptedByAllChannels()
    {
        string[] awkward =
        [
            "", "   ", "\0\u0001", "\ud83d lone", "=HYPERLINK(\"x\")", "👩‍👩‍👧‍👦 "
                + string.Concat(Enumerable.Repeat("🎉", 500)),
            string.Concat(Enumerable.Repeat("見出しの長い文章", 60)), new string('a', 5_000),
            string.Join(' ', Enumerable.Repeat("#tag", 100)),
            "See https://shop.example/" + new string('p', 600) + " now", "Read https://shop.example/a?b=c. Today!",
            "I <3 coffee. > tea <", "\"\" '' „“", string.Join(' ', Enumerable.Repeat("@ada", 60)), "हिन्दी दिवस समारोह", "𠮷野家",
            string.Concat(Enumerable.Repeat("e\u0301", 3_000)), string.Concat(Enumerable.Repeat("क्ष", 400)),
            "See https://shop.example.com/新商品 " + new string('y', 300), string.Concat(Enumerable.Repeat("👩‍🚗", 100)),
        ];
        var briefs = Gen.OneOf(Gen.Elements(awkward), ArbMap.Default.GeneratorFor<string>().Select(s => s ?? ""));

        Prop.ForAll(briefs.ToArbitrary(), ArbMap.Default.ArbFor<int>(), (brief, pick) =>
        {
            var channels = Briefs.AllChannels.Where((_, i) => (pick >> i & 1) == 1).DefaultIfEmpty("x").ToList();
            AssertAcceptedAsync(Briefs.Coffee with { Brief = brief, Channels = channels }).GetAwaiter().GetResult();
            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task Link_InTheBrief_IsTheirsUnlessAChannelHasNoPlace()
    {
        var brief = Briefs.Coffee with { Brief = "Coffee is here: see https://shop.example/beans?x=1. Fresh beans." };

        Assert.All(await PostsAsync(brief), p => Assert.Equal("https://shop.example/beans?x=1", p.Link));
        Assert.All(await PostsAsync(brief with { Channels = ["x", "tiktok"] }), p => Assert.Null(p.Link));
    }

    [Theory]
    [InlineData("Lies „https://shop.example.com/a“ jetzt", "https://shop.example.com/a")]
    [InlineData("https://shop.example.com/a。新商品", "https://shop.example.com/a")]
    [InlineData("Read **https://shop.example.com/a**", "https://shop.example.com/a")]
    [InlineData("See (https://shop.example.com/Coffee_(drink)).", "https://shop.example.com/Coffee_(drink)")]
    [InlineData("See https://münchen.example/straße, please", "https://münchen.example/straße")]
    public async Task Link_InARunningText_EndsWhereItEnds(string brief, string link) =>
        Assert.All(await PostsAsync(Briefs.Coffee with { Brief = brief }), post =>
        {
            Assert.Equal(link, post.Link);
            Assert.DoesNotContain("shop.example", post.Text, StringComparison.Ordinal);
        });

    [Theory]
    [InlineData("हिन्दी दिवस समारोह", "हिन्दीदिवससमारोह")]
    [InlineData("Cafe\u0301 Gro\u0308ße", "cafégröße")]
    [InlineData("𠮷野家", "𠮷野家")]
    [InlineData("தமிழ் புத்தாண்டு விழா", "தமிழ்புத்தாண்டுவிழா")]
    [InlineData("مَرْحَبًا بكم", "مَرْحَبًابكم")]
    [InlineData("می‌خواهم", "می‌خواهم")]
    [InlineData("བོད་སྐད", "བོད་སྐད")]
    public async Task Tags_OfABrief_KeepTheMarksOfItsScript(string brief, string tag) =>
        Assert.Contains(await PostsAsync(Briefs.Coffee with { Brief = brief }), post => post.Tags.Contains(tag));

    [Fact]
    public async Task Tags_OfABriefOfQuotes_AreNotEmpty() => Assert.All(
        await PostsAsync(Briefs.Coffee with { Brief = "\u0027\u0027\u0027\u0027 ’’’’, ----, \u0027\u0027\u0027\u0027" }),
        post => Assert.DoesNotContain(post.Tags, string.IsNullOrWhiteSpace));

    [Fact]
    public async Task Text_ForYoutube_HasNoAngleBrackets() => Assert.All(
        await TextsAsync(Briefs.Coffee with { Brief = "I <3 coffee", Channels = ["youtube"], Days = 10 }), text =>
            Assert.False(text.AsSpan().ContainsAny('<', '>'), text));

    [Fact]
    public async Task Text_BesideALinkThatLeavesLittleRoom_IsCutAfterAWord()
    {
        var brief = Briefs.Coffee with
        {
            Brief = "Our coffee subscription starts. See https://shop.example/" + new string('p', 235),
            Channels = ["bluesky", "pinterest"], Days = 10,
        };

        var posts = await PostsAsync(brief);

        await AssertAcceptedAsync(brief);
        Assert.All(posts, p => Assert.NotNull(p.Link));
        var cut = posts.Where(p => p.Text.EndsWith('…')).ToList();
        Assert.NotEmpty(cut);
        var whole = await TextsAsync(brief with { Channels = ["facebook"] });
        Assert.All(cut, p => Assert.Contains(whole, w => w.StartsWith(p.Text[..^1] + " ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Media_IsAPlaceholderOnlyWhereAChannelNeedsIt()
    {
        Assert.Empty((await PostsAsync(Briefs.Coffee))[0].MediaUrls);
        Assert.Equal(["https://media.example/2026-11-23-1.jpg"],
            (await PostsAsync(Briefs.Coffee with { Channels = ["x", "instagram"] }))[0].MediaUrls);
        Assert.Equal(["https://media.example/2026-11-23-1.mp4"],
            (await PostsAsync(Briefs.Coffee with { Channels = ["instagram", "youtube"] }))[0].MediaUrls);
    }

    [Fact]
    public async Task Pace_Raised_SpacesPostsAndStopsWhenCancelled()
    {
        await using var slow = WriterUnderTest.BuiltIn("00:01:00");
        using var cancel = new CancellationTokenSource();
        await using var items = slow.Writer.WriteAsync(Briefs.Coffee, cancel.Token).GetAsyncEnumerator();

        Assert.True(await items.MoveNextAsync());
        var second = items.MoveNextAsync().AsTask();
        Assert.False(second.IsCompleted);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task Pace_OfTwentyMilliseconds_IsKeptBetweenPosts()
    {
        await using var paced = WriterUnderTest.BuiltIn("00:00:00.020");
        var started = Stopwatch.GetTimestamp();

        await paced.WriteAsync(Briefs.Coffee with { Days = 5 });

        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(9 * 19));
    }

    private const string PinnedText =
        "What is rarely said about fair prices: it comes down to free delivery. What would you add?";

    private static async Task<List<DraftPost>> PostsAsync(WritingBrief brief)
    {
        await using var writer = WriterUnderTest.BuiltIn();
        return [.. (await writer.WriteAsync(brief)).Cast<DraftPost>()];
    }

    private static async Task<List<string>> TextsAsync(WritingBrief brief) =>
        [.. (await PostsAsync(brief)).Select(p => p.Text)];

    private static async Task AssertAcceptedAsync(WritingBrief brief)
    {
        foreach (var post in await PostsAsync(brief))
        {
            var entry = new Entry(
                post.EntryId, post.ScheduledAt, post.Timezone, post.Channels, "draft", post.Text, post.Link, post.MediaUrls,
                post.Tags, [], 1);
            foreach (var channel in brief.Channels)
                Assert.True(!KnownChannels.Find(channel)!.Faults(entry).Any(),
                    $"{channel}: {string.Join("; ", KnownChannels.Find(channel)!.Faults(entry))}");
            Assert.DoesNotContain('\0', post.Text);
            Assert.Equal(post.Text,
                new System.Text.UTF8Encoding(false, true).GetString(new System.Text.UTF8Encoding(false, true).GetBytes(post.Text)));
        }
    }
}
