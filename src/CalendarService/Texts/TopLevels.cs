namespace CalendarService.Texts;

/// <summary>The top level domains that make two words with a dot a web address.</summary>
internal static class TopLevels
{
    private static readonly Lazy<HashSet<string>> Known =
        new(() => TextData.ReadLines("top-levels").ToHashSet(StringComparer.OrdinalIgnoreCase));

    private static readonly Lazy<int> Longest = new(() => Known.Value.Max(name => name.Length));

    /// <summary>The length of the one that begins there, or 0. Text of another script may follow it without a space.</summary>
    public static int LengthAt(string text, int at)
    {
        var known = Known.Value.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var length = Math.Min(Longest.Value, text.Length - at); length > 0; length--)
        {
            if (EndsAt(text, at + length) && known.Contains(text.AsSpan(at, length)))
                return length;
        }

        return PunycodeAt(text, at);
    }

    private static bool EndsAt(string text, int at) =>
        at == text.Length || !(char.IsAsciiLetterOrDigit(text[at]) || text[at] is '@' or '+' or '-');

    private static int PunycodeAt(string text, int at)
    {
        const string Prefix = "xn--";
        if (!text.AsSpan(at).StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return 0;
        var end = at + Prefix.Length;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '-'))
            end++;
        return end - at > Prefix.Length ? end - at : 0;
    }
}
