using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CalendarService.Texts;

namespace CalendarService.Channels;

/// <summary>How long a text is. No two networks agree.</summary>
internal static partial class TextLength
{
    /// <summary>What X and Mastodon count for any URL, since they shorten or hide it.</summary>
    private const int UrlLength = 23;

    public static int Utf16(string text) => text.Length;

    public static int Utf8(string text) => Encoding.UTF8.GetByteCount(text);

    public static int CodePoints(string text)
    {
        var points = 0;
        foreach (var _ in text.EnumerateRunes())
            points++;
        return points;
    }

    public static int Graphemes(string text) => Characters.Count(text);

    /// <summary>
    /// X, as twitter-text 3.1.0 counts with its configuration v3 (https://github.com/twitter/twitter-text, config/v3.json at
    /// 30e2430, looked up 2026-11-26): composed first;
    /// Latin and its neighbours weigh 1, all else 2, an emoji 2 whatever it is made of, a URL 23.
    /// </summary>
    public static int Weighted(string text)
    {
        text = Composition.Compose(text);
        var (length, at) = (0, 0);
        foreach (var address in WebAddresses.Find(text, AddressGrammar.X))
        {
            length += Weights(text, at, address.Start) + UrlLength;
            at = address.End;
        }

        return length + Weights(text, at, text.Length);
    }

    /// <summary>
    /// Mastodon's StatusLengthValidator (https://github.com/mastodon/mastodon), read 2026-11-26 in copies that differ in nothing but the
    /// maximum: grapheme clusters, a URL with its scheme is 23, and of a mention on another server only the local part counts.
    /// </summary>
    public static int Mastodon(string text)
    {
        var counted = new StringBuilder();
        var at = 0;
        foreach (var (start, end, instead) in MastodonEntities(text).OrderBy(entity => entity.Start))
        {
            if (start < at)
                continue; // Of two that overlap the first one counts.
            counted.Append(text, at, start - at).Append(instead);
            at = end;
        }

        // Ruby's clusters are those of the framework: neither keeps Indic conjuncts together.
        return new StringInfo(counted.Append(text, at, text.Length - at).ToString()).LengthInTextElements;
    }

    /// <summary>Threads.</summary>
    public static int EmojiAsBytes(string text) =>
        Characters.Split(text).Sum(e => e.EnumerateRunes().Any(Emoji.IsPart) ? Encoding.UTF8.GetByteCount(e) : CodePoints(e));

    private static int Weights(string text, int at, int end)
    {
        var length = 0;
        while (at < end)
        {
            if (Emoji.LengthAt(text, at) is > 0 and var emoji)
            {
                length += 2;
                at += emoji;
                continue;
            }

            length += WeighsOne(text[at]) ? 1 : 2;
            at += char.IsHighSurrogate(text[at]) && at + 1 < end && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
        }

        return length;
    }

    private static IEnumerable<(int Start, int End, string Instead)> MastodonEntities(string text)
    {
        foreach (var address in WebAddresses.Find(text, AddressGrammar.Mastodon).Where(address => !address.Bare))
            yield return (address.Start, address.End, new string('x', UrlLength));
        foreach (Match mention in Mention().Matches(text))
        {
            if (!EndsNoMention().IsMatch(text.AsSpan(mention.Index + mention.Length)))
                yield return (mention.Index, mention.Index + mention.Length, mention.Groups["local"].Value);
        }
    }

    // The ranges of weight 100.
    private static bool WeighsOne(char c) =>
        c is <= '\u10FF' or (>= '\u2000' and <= '\u200D') or (>= '\u2010' and <= '\u201F') or (>= '\u2032' and <= '\u2037');

    // Account::MENTION_RE of Mastodon, read 2026-11-26 in a copy of account.rb; what ends no mention is twitter-text's.
    [GeneratedRegex(
        @"(?<![=/\w])(?<local>@[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)(?:@\w+(?:[.-]+\w+)*)?",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Mention();

    [GeneratedRegex(@"\A(?:[@＠\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u024F\u1E00-\u1EFF]|://)", RegexOptions.CultureInvariant)]
    private static partial Regex EndsNoMention();
}
