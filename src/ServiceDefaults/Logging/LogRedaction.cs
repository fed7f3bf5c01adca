using System.Text.RegularExpressions;

namespace ServiceDefaults.Logging;

/// <summary>
/// Takes out of a text what may be a secret wherever it comes from: queries and credentials of URLs. Frameworks' lines, at debug level,
/// and exceptions' texts hold more: they quote the bytes they could not read.
/// </summary>
public static partial class LogRedaction
{
    private const string Gone = "…";

    public static string Apply(string text)
    {
        if (text.Contains('?'))
            text = Query().Replace(text, "?" + Gone);
        if (text.Contains('@'))
            text = UserInfo().Replace(text, "//" + Gone + "@");
        return text;
    }

    /// <summary>Also takes out what is quoted after a colon, as in <c>Invalid request line: 'GET …'</c>.</summary>
    public static string ApplyToForeign(string text)
    {
        if (text.Contains(": '", StringComparison.Ordinal) || text.Contains(": \"", StringComparison.Ordinal))
            text = Quoted().Replace(text, $": '{Gone}'");
        return Apply(text);
    }

    [GeneratedRegex("""\?[^\s"'<>\\]+""")]
    private static partial Regex Query();

    [GeneratedRegex("""//[^\s/"'\\]*@""")]
    private static partial Regex UserInfo();

    // To the last quote of the line: what is quoted may hold quotes.
    [GeneratedRegex("""(?m): (["']).*\1""")]
    private static partial Regex Quoted();
}
