using System.Globalization;
using System.Text;

namespace CalendarService.Texts;

/// <summary>
/// Characters as people count them: extended grapheme clusters of UAX #29. The framework has all of its rules but GB9c, which keeps
/// the conjuncts of Indic scripts together.
/// </summary>
internal static class Characters
{
    // No end of marks may hang on one letter: by the standard a megabyte of them is one cluster, which no limit would hold, and which
    // would be looked through again for each of its parts. What is written in any language is shorter by far; the rest counts anew.
    private const int LongestCluster = 64;

    private static readonly Lazy<(HashSet<int> Consonants, HashSet<int> Linkers)> Conjuncts = new(() =>
    {
        var lines = TextData.ReadLines("conjuncts");
        return ([.. TextData.ParseCodePoints(lines[0])], [.. TextData.ParseCodePoints(lines[1])]);
    });

    public static int Count(string text)
    {
        var count = 0;
        for (var at = 0; at < text.Length; at += LengthAt(text.AsSpan(at)))
            count++;
        return count;
    }

    /// <summary>Whether there are more than <paramref name="most"/>, without counting where the length says it.</summary>
    public static bool Exceed(string text, int most) => text.Length > most && Count(text) > most;

    public static IEnumerable<string> Split(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var length = LengthAt(text.AsSpan(at));
            yield return text.Substring(at, length);
            at += length;
        }
    }

    /// <summary>The first <paramref name="most"/> of them.</summary>
    public static string Take(string text, int most)
    {
        var at = 0;
        for (var taken = 0; taken < most && at < text.Length; taken++)
            at += LengthAt(text.AsSpan(at));
        return text[..at];
    }

    private static int LengthAt(ReadOnlySpan<char> text)
    {
        if (text.Length > LongestCluster)
            text = text[..(char.IsHighSurrogate(text[LongestCluster - 1]) ? LongestCluster - 1 : LongestCluster)];
        var length = StringInfo.GetNextTextElementLength(text);
        // Every script with conjuncts lies above; most texts need no second look.
        while (length < text.Length && text[length] is >= '\u0900' and <= '\u0DFF'
            && Conjuncts.Value.Consonants.Contains(text[length]) && EndsLinked(text[..length]))
            length += StringInfo.GetNextTextElementLength(text[length..]);
        return length;
    }

    // A consonant, and after it a linker among marks that extend it.
    private static bool EndsLinked(ReadOnlySpan<char> cluster)
    {
        var (consonant, linked) = (false, false);
        foreach (var rune in cluster.EnumerateRunes())
        {
            if (Conjuncts.Value.Consonants.Contains(rune.Value))
                (consonant, linked) = (true, false);
            else if (Conjuncts.Value.Linkers.Contains(rune.Value))
                linked = consonant;
            else if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.Format))
                (consonant, linked) = (false, false);
        }

        return linked;
    }
}
