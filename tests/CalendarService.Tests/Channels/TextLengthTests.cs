using CalendarService.Channels;

namespace CalendarService.Tests.Channels;

/// <summary>Holds docs/contract.md section 5: the calendar API.</summary>
public sealed class TextLengthTests
{
    // By the weights of twitter-text's configuration v3; the ellipsis is outside of its cheap ranges.
    [Theory]
    [InlineData("", 0)]
    [InlineData("hello", 5)]
    [InlineData("naïve café", 10)]
    [InlineData("日本語", 6)]
    [InlineData("안녕", 4)]
    [InlineData("😷", 2)]
    [InlineData("👩‍👩‍👧‍👦", 2)]
    [InlineData("🇩🇪", 2)]
    [InlineData("👍🏽", 2)]
    [InlineData("❤️", 2)]
    [InlineData("1️⃣", 2)]
    [InlineData("see https://example.com/a/very/long/path/that/goes/on?and=on#and-on", 4 + 23)]
    [InlineData("https://a.co.", 23 + 1)]
    [InlineData("(https://example.com/x)", 1 + 23 + 1)]
    [InlineData("見https://example.com/見", 2 + 23 + 2)]
    [InlineData("go to example.com now", 6 + 23 + 4)]
    [InlineData("mail me@example.com", 19)]
    [InlineData("version 1.5 of it.", 18)]
    [InlineData("“quoted” – and…", 16)]
    public void X_CountsWeights(string text, int expected) => Assert.Equal(expected, TextLength.Weighted(text));

    [Theory]
    [InlineData("hello", 5)]
    [InlineData("👩‍👩‍👧‍👦", 1)]
    [InlineData("日本語", 3)]
    [InlineData("e\u0301", 1)]
    [InlineData("🇩🇪🇫🇷", 2)]
    public void Bluesky_CountsGraphemes(string text, int expected) => Assert.Equal(expected, TextLength.Graphemes(text));

    [Theory]
    [InlineData("see https://example.com/a/very/long/path/that/goes/on?and=on", 27)]
    [InlineData("example.com", 11)]
    [InlineData("hi @someone@mastodon.example!", 12)]
    [InlineData("mail a@b.example", 16)]
    [InlineData("👩‍👩‍👧‍👦", 1)]
    public void Mastodon_CountsUrlsAs23AndMentionsByTheirLocalPart(string text, int expected) =>
        Assert.Equal(expected, TextLength.Mastodon(text));

    [Theory]
    [InlineData("hello", 5)]
    [InlineData("日本", 2)]
    [InlineData("😀", 4)]
    [InlineData("a😀b", 6)]
    public void Threads_CountsEmojiByTheirBytes(string text, int expected) => Assert.Equal(expected, TextLength.EmojiAsBytes(text));

    [Theory]
    [InlineData("😀", 2, 1, 4)]
    [InlineData("é", 1, 1, 2)]
    public void Others_CountUnitsPointsOrBytes(string text, int utf16, int codePoints, int utf8) =>
        Assert.Equal((utf16, codePoints, utf8), (TextLength.Utf16(text), TextLength.CodePoints(text), TextLength.Utf8(text)));

    [Theory]
    [InlineData("#one #two", 2)]
    [InlineData("a#b &#39; #1", 0)]
    [InlineData("#日本 ＃two", 2)]
    public void Hashtags_AreThoseANetworkLinks(string text, int expected) => Assert.Equal(expected, TextLength.Hashtags(text));
}
