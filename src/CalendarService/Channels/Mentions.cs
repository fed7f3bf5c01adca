using System.Globalization;
using System.Text;
using CalendarService.Texts;

namespace CalendarService.Channels;

/// <summary>
/// How many hashtags and mentions a network sees in a text. Where networks differ, the larger number: they refuse what is over.
/// </summary>
internal static class Mentions
{
    /// <summary>A sign with a letter, digit, mark or emoji after it; one may follow on another without a space.</summary>
    public static int CountHashtags(string text)
    {
        var (count, at) = (0, 0);
        var inTag = false;
        while (at < text.Length)
        {
            if (text[at] is '#' or '＃' && (inTag || at == 0 || !IsWord(text, at - 1)) && BodyLength(text, at + 1) is > 0 and var length)
            {
                count++;
                inTag = true;
                at += 1 + length;
            }
            else
            {
                inTag = false;
                at++;
            }
        }

        return count;
    }

    /// <summary>An at sign with a name after it that is not part of an address.</summary>
    public static int CountMentions(string text)
    {
        var count = 0;
        for (var at = 0; at + 1 < text.Length; at++)
        {
            if (text[at] is '@' or '＠' && (char.IsAsciiLetterOrDigit(text[at + 1]) || text[at + 1] == '_')
                && (at == 0 || !(IsWord(text, at - 1) || text[at - 1] is '.' or '/')))
                count++;
        }

        return count;
    }

    // Digits alone are no hashtag.
    private static int BodyLength(string text, int start)
    {
        var (at, hasLetter) = (start, false);
        while (at < text.Length && Rune.TryGetRuneAt(text, at, out var rune))
        {
            var letter = Rune.IsLetter(rune) || Emoji.IsPart(rune);
            if (!letter && !Rune.IsDigit(rune) && !IsJoining(rune))
                break;
            hasLetter |= letter;
            at += rune.Utf16SequenceLength;
        }

        return hasLetter ? at - start : 0;
    }

    private static bool IsJoining(Rune rune) => rune.Value is '_' or 0x200C or 0x200D || IsMark(rune);

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark
        or UnicodeCategory.SpacingCombiningMark;

    // An entity such as &#39; is no hashtag.
    private static bool IsWord(string text, int at)
    {
        if (text[at] is '&' or '_')
            return true;
        if (char.IsLowSurrogate(text[at]) && at > 0)
            at--;
        return Rune.TryGetRuneAt(text, at, out var rune) && (Rune.IsLetterOrDigit(rune) || IsMark(rune));
    }
}
