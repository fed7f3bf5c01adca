using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace CalendarService.Texts;

/// <summary>
/// Normalization form C (UAX #15). <see cref="string.Normalize()"/> changes nothing in a process without libicu, as ours is.
/// </summary>
internal static class Composition
{
    // Nothing below composes, is composed or moves.
    private const char FirstMark = '\u0300';

    // Hangul is composed by rule (chapter 3.12 of the standard).
    private const int Syllables = 0xAC00, Leads = 0x1100, Vowels = 0x1161, Tails = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TailCount = 28;

    private static readonly Lazy<Tables> Data = new(Tables.Read);

    public static string Compose(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange(FirstMark, char.MaxValue) < 0)
            return text;
        var points = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, points);
        Order(points);
        var composed = new StringBuilder(text.Length);
        foreach (var point in Compose(points))
            composed.Append(new Rune(point).ToString());
        return composed.ToString();
    }

    private static void Decompose(int point, List<int> into)
    {
        var syllable = point - Syllables;
        if (syllable is >= 0 and < LeadCount * VowelCount * TailCount)
        {
            into.Add(Leads + (syllable / (VowelCount * TailCount)));
            into.Add(Vowels + (syllable / TailCount % VowelCount));
            if (syllable % TailCount > 0)
                into.Add(Tails + (syllable % TailCount));
        }
        else if (Data.Value.Parts.TryGetValue(point, out var parts))
        {
            foreach (var part in parts)
                Decompose(part, into);
        }
        else
        {
            into.Add(point);
        }
    }

    // Marks of one base by their class; those of equal class keep their order. A base may have any number of them.
    private static void Order(List<int> points)
    {
        for (var start = 0; start < points.Count; start++)
        {
            var end = start;
            while (end < points.Count && ClassOf(points[end]) > 0)
                end++;
            if (end - start > 1)
            {
                var marks = points.GetRange(start, end - start).OrderBy(ClassOf).ToArray();
                marks.CopyTo(CollectionsMarshal.AsSpan(points)[start..]);
            }

            start = end;
        }
    }

    private static List<int> Compose(List<int> points)
    {
        var composed = new List<int>(points.Count);
        var (starter, before) = (-1, 0);
        foreach (var point in points)
        {
            var of = ClassOf(point);
            var reachable = starter >= 0 && (before < of || starter == composed.Count - 1);
            if (reachable && Pair(composed[starter], point) is { } one)
            {
                composed[starter] = one;
                continue;
            }

            composed.Add(point);
            before = of;
            if (of == 0)
                starter = composed.Count - 1;
        }

        return composed;
    }

    private static int? Pair(int first, int second)
    {
        var (lead, vowel, tail, syllable) = (first - Leads, second - Vowels, second - Tails, first - Syllables);
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
            return Syllables + (((lead * VowelCount) + vowel) * TailCount);
        if (syllable is >= 0 and < LeadCount * VowelCount * TailCount && syllable % TailCount == 0 && tail is > 0 and < TailCount)
            return first + tail;
        return Data.Value.Pairs.TryGetValue((first, second), out var one) ? one : null;
    }

    private static int ClassOf(int point) => point < FirstMark ? 0 : Data.Value.Classes.GetValueOrDefault(point);

    private sealed record Tables(Dictionary<int, int> Classes, Dictionary<int, int[]> Parts, Dictionary<(int, int), int> Pairs)
    {
        public static Tables Read()
        {
            var tables = new Tables([], [], []);
            foreach (var line in TextData.ReadLines("normalization"))
            {
                var (key, value) = (line[..line.IndexOf('=')], line[(line.IndexOf('=') + 1)..]);
                if (key[0] == '@')
                {
                    foreach (var mark in TextData.ParseCodePoints(value))
                        tables.Classes.Add(mark, int.Parse(key.AsSpan(1), CultureInfo.InvariantCulture));
                    continue;
                }

                var (point, parts) = (Convert.ToInt32(key.TrimStart('+'), 16), TextData.ParseCodePoints(value).ToArray());
                tables.Parts.Add(point, parts);
                if (key[0] == '+')
                    tables.Pairs.Add((parts[0], parts[1]), point);
            }

            return tables;
        }
    }
}
