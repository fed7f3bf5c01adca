using System.Buffers;
using System.Text;

namespace ServiceDefaults.Tracing;

/// <summary>The two headers of W3C Trace Context. Source: https://www.w3.org/TR/trace-context-1/, sections 3.2 and 3.3.</summary>
internal static class TraceContext
{
    private const int Length = 55;
    private const int MostMembers = 32;
    private const int LongestKey = 256;
    private const int LongestTenant = 241;
    private const int LongestSystem = 14;
    private const int LongestValue = 256;

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> KeyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-*/");

    private static readonly SearchValues<char> ValueCharacters =
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c is not (',' or '='))]);

    /// <returns>In version 00, which is what this program writes; null when it is none that a later version could be either.</returns>
    public static string? ReadParent(ReadOnlySpan<char> header)
    {
        var text = header.Trim(" \t");
        if (text.Length < Length || text[2] != '-' || text[35] != '-' || text[52] != '-')
            return null;
        var version = text[..2];
        var trace = text[3..35];
        var span = text[36..52];
        var flags = text[53..Length];
        if (!IsHex(version) || !IsHex(trace) || !IsHex(span) || !IsHex(flags) || version is "ff")
            return null;
        if (!trace.ContainsAnyExcept('0') || !span.ContainsAnyExcept('0'))
            return null;
        if (version is "00")
            return text.Length == Length ? text.ToString() : null;
        // Of a later version only the sampled flag is known, and that more may follow.
        if (text.Length > Length && text[Length] != '-')
            return null;
        var sampled = (Convert.ToInt32(flags[1].ToString(), 16) & 1) == 1;
        return $"00-{trace}-{span}-{(sampled ? "01" : "00")}";
    }

    /// <returns>Its members without the blanks and tabs around them; null when one of them is none, or there are too many.</returns>
    public static string? ReadState(ReadOnlySpan<char> header)
    {
        var state = new StringBuilder(header.Length);
        var members = 0;
        foreach (var part in header.Split(','))
        {
            var member = header[part].Trim(" \t");
            if (member.IsEmpty)
                continue;
            if (++members > MostMembers || !IsMember(member))
                return null;
            if (state.Length > 0)
                state.Append(',');
            state.Append(member);
        }

        return state.Length == 0 ? null : state.ToString();
    }

    private static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Hex);

    private static bool IsMember(ReadOnlySpan<char> member)
    {
        var equals = member.IndexOf('=');
        return equals > 0 && IsKey(member[..equals])
            && member[(equals + 1)..] is { Length: > 0 and <= LongestValue } value && !value.ContainsAnyExcept(ValueCharacters);
    }

    private static bool IsKey(ReadOnlySpan<char> key)
    {
        var at = key.IndexOf('@');
        return at < 0
            ? IsName(key, LongestKey)
            : IsName(key[..at], LongestTenant) && IsName(key[(at + 1)..], LongestSystem) && char.IsAsciiLetter(key[at + 1]);
    }

    private static bool IsName(ReadOnlySpan<char> name, int longest) =>
        name.Length > 0 && name.Length <= longest && char.IsAsciiLetterOrDigit(name[0]) && !name.ContainsAnyExcept(KeyCharacters);
}
