using System.Text;
using System.Text.RegularExpressions;

namespace CalendarService.Storage;

/// <summary>libpq's keyword form: <c>host=localhost port=5432 dbname=a user='b c' password='it\'s'</c>.</summary>
internal static partial class LibpqText
{
    /// <summary>Whether that is what was meant, for a text that is faulty in both forms.</summary>
    public static bool IsLikely(string text) => !text.Contains(';', StringComparison.Ordinal) || Beginning().IsMatch(text);

    /// <exception cref="FormatException">The message names the part at fault, and shows none of its text.</exception>
    public static PostgresSettings Parse(string text)
    {
        var parameters = new LibpqParameters();
        for (var at = SkipBlanks(text, 0); at < text.Length; at = SkipBlanks(text, at))
        {
            var nameEnd = at;
            while (nameEnd < text.Length && text[nameEnd] != '=' && !char.IsWhiteSpace(text[nameEnd]))
                nameEnd++;
            var name = text[at..nameEnd];
            at = SkipBlanks(text, nameEnd);
            if (at >= text.Length || text[at] != '=')
                throw new FormatException("a parameter has no = after its name; quote a value with blanks in '…'");
            at = SkipBlanks(text, at + 1);
            (var value, at) = at < text.Length && text[at] == '\'' ? ReadQuoted(text, at + 1) : ReadBare(text, at);
            parameters.Set(name.ToLowerInvariant(), value);
        }

        return parameters.ToSettings();
    }

    private static int SkipBlanks(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return at;
    }

    private static (string Value, int End) ReadBare(string text, int at)
    {
        var value = new StringBuilder();
        for (; at < text.Length && !char.IsWhiteSpace(text[at]); at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            value.Append(text[at]);
        }

        return (value.ToString(), at);
    }

    private static (string Value, int End) ReadQuoted(string text, int at)
    {
        var value = new StringBuilder();
        for (; at < text.Length && text[at] != '\''; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            value.Append(text[at]);
        }

        return at < text.Length ? (value.ToString(), at + 1) : throw new FormatException("a quote is not closed");
    }

    // The first value ends at a blank, and another name follows.
    [GeneratedRegex(@"^\s*\w+\s*=\s*('([^'\\]|\\.)*'|[^;'\s]*)\s+\w+\s*=", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Beginning();
}
