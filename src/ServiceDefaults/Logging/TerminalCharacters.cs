using System.Buffers;
using System.Globalization;
using System.Text;

namespace ServiceDefaults.Logging;

/// <summary>
/// Characters that do something to the terminal, or to the line, that a text is read in: JSON lets them stand as they are. C1 controls are
/// escape sequences of one character; U+2028 and U+2029 end a line for some readers; the others turn what stands beside them around, or
/// hide.
/// </summary>
public static class TerminalCharacters
{
    private static readonly char[] Unicode =
    [
        .. Range('\x7f', '\x9f'), '\u061c', '\u200e', '\u200f', .. Range('\u2028', '\u202e'), .. Range('\u2066', '\u206f'), '\ufeff',
        .. Range('\ufff9', '\ufffb'),
    ];

    private static readonly SearchValues<char> WithControls = SearchValues.Create([.. Range('\0', '\x1f'), .. Unicode]);

    /// <summary>All but those that JSON itself escapes.</summary>
    public static SearchValues<char> BeyondJson { get; } = SearchValues.Create(Unicode);

    /// <summary>Together with those that JSON itself escapes.</summary>
    internal static SearchValues<char> NeverInAString { get; } = SearchValues.Create([.. Range('\0', '\x1f'), '"', '\\', .. Unicode]);

    /// <summary>For a message on a terminal that repeats what somebody wrote; its own line ends stay.</summary>
    public static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAny(WithControls))
            return text;
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var character in text)
        {
            if (character is '\n' or '\r' or '\t' || !WithControls.Contains(character))
                escaped.Append(character);
            else
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}");
        }

        return escaped.ToString();
    }

    private static IEnumerable<char> Range(char first, char last) => Enumerable.Range(first, last - first + 1).Select(c => (char)c);
}
