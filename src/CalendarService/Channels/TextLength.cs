using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CalendarService.Channels;

/// <summary>How long a text is. No two networks agree.</summary>
internal static partial class TextLength
{
    /// <summary>What X and Mastodon count for any URL, since they shorten or hide it.</summary>
    private const int UrlLength = 23;

    public static int Utf16(string text) => text.Length;

    public static int Utf8(string text) => Encoding.UTF8.GetByteCount(text);

    public static int CodePoints(string text) => text.EnumerateRunes().Count();

    public static int Graphemes(string text) => new StringInfo(text).LengthInTextElements;

    public static int Hashtags(string text) => Hashtag().Count(text);

    /// <summary>
    /// X: Latin and its neighbours weigh 1, all else 2, an emoji 2 whatever it is made of, a URL 23. X composes
    /// characters first (NFC), which needs tables this process goes without; a decomposed accent counts
    /// as one more here, so the error is on the safe side.
    /// </summary>
    public static int Weighted(string text)
    {
        var urls = WebOrBareUrl();
        var length = urls.Count(text) * UrlLength;
        foreach (var element in Elements(urls.Replace(text, "")))
            length += IsEmoji(element) ? 2 : element.EnumerateRunes().Sum(r => WeighsOne(r.Value) ? 1 : 2);
        return length;
    }

    public static int Mastodon(string text)
    {
        var urls = WebUrl();
        var rest = RemoteMention().Replace(urls.Replace(text, ""), "${local}");
        return (urls.Count(text) * UrlLength) + Graphemes(rest);
    }

    /// <summary>Threads.</summary>
    public static int EmojiAsBytes(string text) =>
        Elements(text).Sum(e => IsEmoji(e) ? Encoding.UTF8.GetByteCount(e) : e.EnumerateRunes().Count());

    public static IEnumerable<string> Elements(string text)
    {
        var elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
            yield return elements.GetTextElement();
    }

    // twitter-text's configuration v3, ranges of weight 100.
    private static bool WeighsOne(int rune) =>
        rune is <= 4351 or (>= 8192 and <= 8205) or (>= 8208 and <= 8223) or (>= 8242 and <= 8247);

    // Pictographs and flags; a keycap or a symbol is one when a variation selector says so.
    private static bool IsEmoji(string element)
    {
        foreach (var rune in element.EnumerateRunes())
        {
            if (rune.Value is (>= 0x1F000 and <= 0x1FAFF) or (>= 0x2600 and <= 0x27BF) or 0xFE0F or 0x20E3)
                return true;
        }

        return false;
    }

    // Not \S: CJK text may follow a URL without a space and is no part of it. A sentence's last mark is not either.
    [GeneratedRegex(@"https?://[A-Za-z0-9\u00C0-\u04FF\-._~:/?#\[\]@!$&'()*+,;=%]*[A-Za-z0-9\u00C0-\u04FF/=&#_~+%-]",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WebUrl();

    // X also links a bare domain of a generic top level.
    [GeneratedRegex(
        @"https?://[A-Za-z0-9\u00C0-\u04FF\-._~:/?#\[\]@!$&'()*+,;=%]*[A-Za-z0-9\u00C0-\u04FF/=&#_~+%-]"
        + @"|(?<![A-Za-z0-9@._-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|org|net|info|biz|edu|gov|app|dev|shop|blog|co|tv)\b"
        + @"(?:/[A-Za-z0-9\-._~/?#@!$&'()*+,;=%]*[A-Za-z0-9/=&#_~+%-])?",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WebOrBareUrl();

    [GeneratedRegex(@"(?<![\w/])(?<local>@\w+)@[\w.-]+\w", RegexOptions.CultureInvariant)]
    private static partial Regex RemoteMention();

    [GeneratedRegex(@"(?<![\w&])[#＃]\w*\p{L}\w*", RegexOptions.CultureInvariant)]
    private static partial Regex Hashtag();
}
