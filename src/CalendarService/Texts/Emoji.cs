using System.Text;

namespace CalendarService.Texts;

/// <summary>Emoji, and those that are made of several code points, as X takes them for one.</summary>
internal static class Emoji
{
    // Unicode's property Emoji below U+10000 (emoji-data.txt 17.0, looked up 2026-11-26), letters and digits aside.
    private const string Symbols =
        "203C 2049 2122 2139 2194-2199 21A9-21AA 231A-231B 2328 23CF 23E9-23F3 23F8-23FA 24C2 25AA-25AB 25B6 25C0 25FB-25FE 2600-2604 260E "
        + "2611 2614-2615 2618 261D 2620 2622-2623 2626 262A 262E-262F 2638-263A 2640 2642 2648-2653 265F-2660 2663 2665-2666 2668 267B "
        + "267E-267F 2692-2697 2699 269B-269C 26A0-26A1 26A7 26AA-26AB 26B0-26B1 26BD-26BE 26C4-26C5 26C8 26CE-26CF "
        + "26D1 26D3-26D4 26E9-26EA 26F0-26F5 26F7-26FA 26FD "
        + "2702 2705 2708-270D 270F 2712 2714 2716 271D 2721 2728 "
        + "2733-2734 2744 2747 274C 274E 2753-2755 2757 2763-2764 "
        + "2795-2797 27A1 27B0 27BF 2934-2935 2B05-2B07 2B1B-2B1C 2B50 2B55 3030 303D 3297 3299";

    private static readonly Lazy<HashSet<int>> Single = new(() => [.. TextData.ParseCodePoints(Symbols)]);

    private static readonly Lazy<HashSet<string>> Sequences =
        new(() => TextData.ReadLines("emoji").ToHashSet(StringComparer.Ordinal));

    private static readonly Lazy<int> Longest = new(() => Sequences.Value.Max(sequence => sequence.Length));

    /// <summary>The length in chars of the longest one that begins there, or 0.</summary>
    public static int LengthAt(string text, int at)
    {
        var first = char.IsHighSurrogate(text[at]) ? 2 : 1;
        if (at + first >= text.Length || !Continues(text[at + first]))
            return 0;
        var known = Sequences.Value.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var length = Math.Min(Longest.Value, text.Length - at); length > first; length--)
        {
            if (known.Contains(text.AsSpan(at, length)))
                return length;
        }

        return 0;
    }

    /// <summary>A symbol that is shown as a picture; a digit and the like only when a variation selector or a keycap says so.</summary>
    public static bool IsPart(Rune rune) =>
        rune.Value is (>= 0x1F000 and <= 0x1FAFF) or 0xFE0F or 0x20E3 || (rune.Value > 0x2000 && Single.Value.Contains(rune.Value));

    // A variation selector, a keycap, a joiner, or the first half of a skin tone, a flag's letter or a tag.
    private static bool Continues(char next) => next is '\uFE0F' or '\u20E3' or '\u200D' or '\uD83C' or '\uDB40';
}
