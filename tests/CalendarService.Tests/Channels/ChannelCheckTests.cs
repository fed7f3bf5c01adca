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
    [InlineData("bluesky", 0, 4)]
    [InlineData("mastodon", 0, 4)]
    [InlineData("youtube", 1, 1)]
    [InlineData("pinterest", 1, 5)]
    public void Media_WithinTheLimitsPass_AndOutsideAreNamedWithBothNumbers(string channel, int min, int max)
    {
        Assert.Null(Check(channel, Fitting(channel) with { MediaUrls = Media(min) }));
        Assert.Null(Check(channel, Fitting(channel) with { MediaUrls = Media(max) }));
        var over = Check(channel, Fitting(channel) with { MediaUrls = Media(max + 1) });
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
        var limit = ChannelRules.Find(channel)!.MaxText;
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

    private static string[] Media(int count) => [.. Enumerable.Range(0, count).Select(i => $"https://media.example/{i}.mp4")];

    private static Entry Fitting(string channel) => new(
        "2026-11-23-1", Now.AddDays(1), "Europe/Berlin", [channel], "draft", "Hello.", null,
        Media(ChannelRules.Find(channel)!.MinMedia), [], [], 1);
}
