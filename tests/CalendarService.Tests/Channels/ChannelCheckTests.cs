using CalendarService.Channels;
using ServiceDefaults.Wire;

namespace CalendarService.Tests.Channels;

/// <summary>Holds docs/contract.md section 5: the calendar API.</summary>
public sealed class ChannelCheckTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private readonly ChannelsUnderTest _channels = ChannelsUnderTest.With([]);

    public void Dispose() => _channels.Dispose();

    [Fact]
    public void Known_AreTheTenOfTheContractInOrder()
    {
        Assert.Equal(
            ["instagram", "facebook", "linkedin", "x", "tiktok", "threads", "bluesky", "mastodon", "youtube", "pinterest"],
            _channels.Registry.Known);
        Assert.True(_channels.Registry.IsKnown("x"));
        Assert.False(_channels.Registry.IsKnown("X"));
        Assert.False(_channels.Registry.IsKnown("myspace"));
    }

    [Theory]
    [InlineData("instagram", 2_200)]
    [InlineData("facebook", 63_206)]
    [InlineData("linkedin", 3_000)]
    [InlineData("x", 280)]
    [InlineData("tiktok", 2_200)]
    [InlineData("threads", 500)]
    [InlineData("bluesky", 300)]
    [InlineData("mastodon", 500)]
    [InlineData("youtube", 5_000)]
    [InlineData("pinterest", 800)]
    public void Text_OfTheLimitPasses_AndOneMoreIsNamedWithBothNumbers(string channel, int limit)
    {
        var atLimit = Fitting(channel) with { Text = new string('q', limit) };
        var over = atLimit with { Text = new string('q', limit + 1) };

        Assert.Null(Check(channel, atLimit));
        var error = Check(channel, over);
        Assert.Contains($"text is {limit + 1} ", error, StringComparison.Ordinal);
        Assert.Contains($"at most {limit}", error, StringComparison.Ordinal);
        Assert.DoesNotContain("qq", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("instagram", 1, 10)]
    [InlineData("facebook", 0, 10)]
    [InlineData("linkedin", 0, 20)]
    [InlineData("x", 0, 4)]
    [InlineData("tiktok", 1, 35)]
    [InlineData("threads", 0, 20)]
    [InlineData("bluesky", 0, 10)]
    [InlineData("mastodon", 0, 4)]
    [InlineData("youtube", 1, 1)]
    [InlineData("pinterest", 1, 5)]
    public void Media_WithinTheLimitsPass_AndOutsideAreNamedWithBothNumbers(string channel, int min, int max)
    {
        Assert.Null(Check(channel, Fitting(channel) with { MediaUrls = Media(min) }));
        Assert.Null(Check(channel, Fitting(channel) with { MediaUrls = Media(max) }));
        var over = Check(channel, Fitting(channel) with { MediaUrls = [.. Enumerable.Repeat("https://media.example/a", max + 1)] });
        Assert.StartsWith($"{max + 1} media; {channel} takes ", over, StringComparison.Ordinal);
        Assert.EndsWith($"{max}", over, StringComparison.Ordinal);
        if (min > 0)
            Assert.StartsWith("0 media; ", Check(channel, Fitting(channel) with { MediaUrls = [] }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("instagram", false)]
    [InlineData("facebook", true)]
    [InlineData("linkedin", true)]
    [InlineData("x", true)]
    [InlineData("tiktok", false)]
    [InlineData("threads", true)]
    [InlineData("bluesky", true)]
    [InlineData("mastodon", true)]
    [InlineData("youtube", true)]
    [InlineData("pinterest", true)]
    public void Link_IsTakenWhereTheNetworkHasAPlace(string channel, bool taken)
    {
        var error = Check(channel, Fitting(channel) with { Link = "https://shop.example/" });

        Assert.Equal(taken, error is null);
    }

    [Theory]
    [InlineData("x", 0, "at most 280")] // In the text, always.
    [InlineData("bluesky", 0, null)] // A card beside the text …
    [InlineData("bluesky", 1, "at most 300")] // … unless media take the card's place.
    [InlineData("pinterest", 1, null)] // A field of its own.
    public void Link_CountsAsTextWhereItStandsInIt(string channel, int media, string? error)
    {
        var limit = KnownChannels.Find(channel)!.MaxText;
        var full = Fitting(channel) with { Text = new string('q', limit), MediaUrls = Media(media), Link = "https://shop.example/" };

        Assert.Equal(error is null, Check(channel, full) is null);
        Assert.Contains(error ?? "", Check(channel, full) ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Link_AlreadyInTheText_IsNotCountedTwice() =>
        Assert.Null(Check("x", Fitting("x") with
        {
            Text = new string('q', 256) + " https://shop.example/", Link = "https://shop.example/",
        }));

    [Theory]
    [InlineData("shop.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/beans")]
    public void Address_ThatIsNoWebAddress_IsRefusedWithoutBeingRepeated(string address)
    {
        var entry = Fitting("youtube") with { Link = address, MediaUrls = [address] };

        var error = Check("youtube", entry);

        Assert.Equal(
            "the link is not an absolute http or https address; media 1 is not an absolute http or https address", error);
    }

    [Fact]
    public void Youtube_GivenAnImage_WantsVideo() =>
        Assert.Equal(
            "media 1 is an image; youtube takes only video",
            Check("youtube", Fitting("youtube") with { MediaUrls = ["https://media.example/a.JPG?x=1"] }));

    [Fact]
    public void Instagram_WithThirtyOneHashtags_NamesBoth() =>
        Assert.Equal(
            "text has 31 hashtags; instagram takes at most 30",
            Check("instagram", Fitting("instagram") with { Text = string.Join(' ', Enumerable.Range(0, 31).Select(i => $"#t{i}")) }));

    [Theory]
    [InlineData("instagram", "a.jpg b.mp4", null)]
    [InlineData("threads", "a.jpg b.mp4 c.mp4", null)]
    [InlineData("x", "a.jpg b.mp4", "a video among 2 media; x takes a video alone")]
    [InlineData("x", "a.mp4 b.MOV?download=1", "a video among 2 media; x takes a video alone")]
    [InlineData("x", "a.gif b.jpg", "a GIF among 2 media; x takes a GIF alone")]
    [InlineData("x", "a.jpg b.png c.webp d.jpeg", null)]
    [InlineData("mastodon", "a.jpg b.webm", "a video among 2 media; mastodon takes a video alone")]
    [InlineData("mastodon", "a.gif b.jpg", null)]
    [InlineData("mastodon", "a.mp3", null)]
    [InlineData("mastodon", "a.mp3 b.jpg", "a sound file among 2 media; mastodon takes a sound file alone")]
    [InlineData("bluesky", "a.mp4 b.mp4", "a video among 2 media; bluesky takes a video alone")]
    [InlineData("linkedin", "a.jpg b.mp4 c.jpg", "a video among 3 media; linkedin takes a video alone")]
    [InlineData("facebook", "a.mp4 b.jpg", "a video among 2 media; facebook takes a video alone")]
    [InlineData("tiktok", "a.mp4 b.jpg", "a video among 2 media; tiktok takes a video alone")]
    [InlineData("pinterest", "a.mp4 b.jpg", "a video among 2 media; pinterest takes a video alone")]
    [InlineData("instagram", "a.pdf", "media 1 is neither a picture nor a video")]
    [InlineData("instagram", "a.jpg b.mp3", "media 2 is neither a picture nor a video")]
    [InlineData("x", "a.svg", "media 1 is neither a picture nor a video")]
    [InlineData("linkedin", "a.PDF?v=2", "media 1 is neither a picture nor a video")]
    [InlineData("threads", "a.zip", "media 1 is neither a picture nor a video")]
    [InlineData("bluesky", "a.docx", "media 1 is neither a picture nor a video")]
    [InlineData("facebook", "a.html", "media 1 is neither a picture nor a video")]
    [InlineData("youtube", "a.mp3", "media 1 is neither a picture nor a video")]
    [InlineData("youtube", "a.avif", "media 1 is an image; youtube takes only video")]
    [InlineData("instagram", "a%2Emp3", "media 1 is neither a picture nor a video")]
    [InlineData("youtube", "a%2eHEIC", "media 1 is an image; youtube takes only video")]
    [InlineData("x", "a%2Egif b.jpg", "a GIF among 2 media; x takes a GIF alone")]
    [InlineData("x", "a.GI%46?size=1 b.jpg", "a GIF among 2 media; x takes a GIF alone")]
    [InlineData("x", "a?file=b.pdf", null)] // The ending is the path's, and here there is none.
    [InlineData("x", "a.unheardof", null)]
    [InlineData("x", "a%2Ejpg", null)]
    [InlineData("x", "a\tb.jpg", "media 1 has a blank or a control character in it")]
    public void Media_OfAKindTheNetworkRefuses_AreNamed(string channel, string files, string? error) => Assert.Equal(
        error, Check(channel, Fitting(channel) with { MediaUrls = [.. files.Split(' ').Select(file => "https://media.example/" + file)] }));

    [Theory]
    [InlineData("https://shop.example/a b")]
    [InlineData(" https://shop.example/a")]
    [InlineData("https://shop.example/a\n")]
    [InlineData("https://shop.example/a\u00A0b")]
    [InlineData("https://shop.example/\u0001a")]
    [InlineData("https://shop.example/a\u200B")]
    public void Link_WithABlankOrAControlCharacter_IsRefused(string link) =>
        Assert.Equal("the link has a blank or a control character in it", Check("pinterest", Fitting("pinterest") with { Link = link }));

    [Theory]
    [InlineData("I <3 coffee", "<")]
    [InlineData("a -> b", ">")]
    public void Youtube_GivenAnAngleBracket_NamesIt(string text, string refused) =>
        Assert.Equal($"text has \"{refused}\", which youtube refuses", Check("youtube", Fitting("youtube") with { Text = text }));

    [Theory]
    [InlineData(20, null)]
    [InlineData(21, "text has 21 mentions; instagram takes at most 20")]
    public void Instagram_WithMentions_TakesTwenty(int count, string? error)
    {
        var text = "mail a@b.example " + string.Join(' ', Enumerable.Range(0, count).Select(i => $"@cafe.{i}"));

        Assert.Equal(error, Check("instagram", Fitting("instagram") with { Text = text }));
    }

    [Fact]
    public void Threads_WithSixLinks_TakesFive()
    {
        var five = string.Join(' ', Enumerable.Range(0, 5).Select(i => $"https://shop.example/{i}"));

        Assert.Null(Check(
            "threads", Fitting("threads") with { Text = five + " https://shop.example/0/", Link = "https://shop.example/1" }));
        Assert.Equal(
            "6 links; threads takes at most 5", Check("threads", Fitting("threads") with { Text = five, Link = "https://shop.example/" }));
    }

    // Text and link as one: too low a count would pass what the network refuses later.
    [Fact]
    public void Link_ThatIsOnlyTheBeginningOfOneInTheText_CountsToo() => Assert.NotNull(Check("x", Fitting("x") with
    {
        Text = new string('q', 250) + " https://shop.example.com/sale2030", Link = "https://shop.example.com/sale",
    }));

    [Fact]
    public void Bluesky_OfConjuncts_CountsEachOnce() =>
        Assert.Null(Check("bluesky", Fitting("bluesky") with { Text = string.Concat(Enumerable.Repeat("क्ष", 300)) }));

    [Fact]
    public void Bluesky_OfFewGraphemesButManyBytes_IsRefused() =>
        Assert.Contains(
            "bytes; bluesky takes at most 3000",
            Check("bluesky", Fitting("bluesky") with { Text = string.Concat(Enumerable.Repeat("👩‍👩‍👧‍👦", 200)) }),
            StringComparison.Ordinal);

    [Fact]
    public void Entry_WithNothingInIt_IsRefused() =>
        Assert.Equal("nothing to post: no text, no media, no link", Check("x", Fitting("x") with { Text = " " }));

    [Fact]
    public void Date_InThePast_IsRefusedAndThisMomentIsNot()
    {
        Assert.Null(Check("x", Fitting("x") with { ScheduledAt = Now }));
        Assert.Equal(
            "scheduled at 2026-11-21T12:59:59+01:00; the earliest is now, 2026-11-21T12:00:00+00:00",
            Check("x", Fitting("x") with { ScheduledAt = new(2026, 11, 21, 12, 59, 59, TimeSpan.FromHours(1)) }));
    }

    [Fact]
    public void Faults_OfAnEntry_AreToldTogether()
    {
        var entry = Fitting("instagram") with
        {
            Text = new string('q', 2_201), MediaUrls = [], Link = "https://shop.example/", ScheduledAt = Now.AddDays(-1),
        };

        Assert.Equal(4, Check("instagram", entry)!.Split("; ").Count(part => part.StartsWith("text is", StringComparison.Ordinal)
            || part == "0 media" || part == "1 link" || part.StartsWith("scheduled at", StringComparison.Ordinal)));
    }

    [Fact]
    public void Channel_Unknown_IsRefusedWithTheKnownOnes() =>
        Assert.StartsWith("not a known channel; known are instagram, ", Check("myspace", Fitting("x")), StringComparison.Ordinal);

    private string? Check(string channel, Entry entry)
    {
        var verdict = _channels.Registry.Check(channel, entry, Now);
        Assert.Equal(verdict.Accepted, verdict.Error is null);
        return verdict.Error;
    }

    // One may be either; several are pictures.
    private static string[] Media(int count) =>
        [.. Enumerable.Range(0, count).Select(i => $"https://media.example/{i}{(count == 1 ? ".mp4" : ".jpg")}")];

    private static Entry Fitting(string channel) => new(
        "2026-11-23-1", Now.AddDays(1), "Europe/Berlin", [channel], "draft", "Hello.", null,
        Media(KnownChannels.Find(channel)!.MinMedia), [], [], 1);
}
