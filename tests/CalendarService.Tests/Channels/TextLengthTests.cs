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
    [InlineData("youtu.be/x", 23)]
    [InlineData("see www.example.de, t.co/abcde", 4 + 23 + 2 + 23)]
    [InlineData("shop.museum/a", 23)]
    [InlineData("https://shop.みんな/a", 23)]
    [InlineData("https://xn--mnchen-3ya.de", 23)]
    [InlineData("https://192.168.0.1/a", 21)]
    [InlineData("https://shop.internal/a", 23)] // Whole: 23 characters of its own.
    [InlineData("https://shop.example/a", 22)]
    [InlineData("http://localhost/a", 18)]
    [InlineData("„https://shop.example.com/a“", 1 + 23 + 1)]
    [InlineData("https://shop.example.com/a。新商品", 23 + 8)]
    [InlineData("a,https://shop.example.com/a_(b)?c=d.", 2 + 23 + 1)]
    [InlineData("\u1112\u1161\u11AB", 2)] // Composed first.
    [InlineData("e\u0301", 1)]
    [InlineData("Vie\u0323\u0302t", 5)]
    [InlineData("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2)]
    [InlineData("👨🏽‍💻", 2)]
    [InlineData("👩‍🚗", 5)] // No emoji, but three characters.
    [InlineData("©®", 2)]
    [InlineData("हिन्दी", 6)]
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
    [InlineData("https://192.168.0.1/a", 21)]
    [InlineData("https://shop.example/a", 22)]
    [InlineData("https://shop.example.com/新商品 now", 23 + 4)]
    [InlineData("youtu.be/x", 10)]
    [InlineData("hi @ada@a-b.mastodon.social, hi", 11)]
    [InlineData("@ada@mastodon.social@x", 22)]
    [InlineData("e\u0301", 1)]
    [InlineData("👩‍👩‍👧‍👦", 1)]
    public void Mastodon_CountsUrlsAs23AndMentionsByTheirLocalPart(string text, int expected) =>
        Assert.Equal(expected, TextLength.Mastodon(text));

    [Theory]
    [InlineData("hello", 5)]
    [InlineData("日本", 2)]
    [InlineData("😀", 4)]
    [InlineData("a😀b", 6)]
    [InlineData("⌚→", 4)]
    [InlineData("❤️", 6)]
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
    [InlineData("#𠮷野家 #हिन्दी #😀", 3)]
    [InlineData("#one#two", 2)]
    [InlineData("##one # two", 1)]
    public void Hashtags_AreThoseANetworkLinks(string text, int expected) => Assert.Equal(expected, Mentions.CountHashtags(text));
}
