using System.Text.RegularExpressions;

namespace Gateway.Logs;

/// <summary>
/// The passwords in a database's address: an operator has the address at hand, and a log may hold the password alone, written otherwise.
/// </summary>
internal static partial class ConnectionSecret
{
    /// <param name="text">An address in one of its forms (URL, libpq's keywords, Npgsql's), or any other text.</param>
    /// <returns>Each password as it is, without the escapes of the form; nothing for any other text.</returns>
    public static IEnumerable<string> FindIn(string text)
    {
        if (Url().Match(text) is { Success: true } url)
            yield return Uri.UnescapeDataString(url.Groups["password"].Value);
        foreach (Match keyword in Keyword().Matches(text))
        {
            var value = keyword.Groups["value"].Value;
            yield return value is ['\'' or '"', .., _] ? Unquote(value) : Uri.UnescapeDataString(value);
        }
    }

    // libpq escapes a quote by a backslash, ADO.NET by another quote.
    private static string Unquote(string value) => value[1..^1]
        .Replace("\\'", "'", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal)
        .Replace(new string(value[0], 2), value[..1], StringComparison.Ordinal);

    [GeneratedRegex(@"^\s*[A-Za-z][A-Za-z0-9+.-]*://[^:/@?]*:(?<password>.+)@", RegexOptions.Singleline)]
    private static partial Regex Url();

    [GeneratedRegex("""(password|pwd|psw)\s*=\s*(?<value>'([^'\\]|\\.|'')*'|"([^"]|"")*"|[^;\s&]+)""",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Keyword();
}
