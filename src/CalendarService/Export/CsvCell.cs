using System.Buffers;
using System.Text;

namespace CalendarService.Export;

/// <summary>
/// Text that a spreadsheet shows and never runs. A cell whose first visible character starts a formula gets
/// an apostrophe in front (OWASP, CSV injection); so does one that already looks like that, which
/// keeps the escape reversible: take one apostrophe off wherever <see cref="IsEscaped"/>.
/// </summary>
internal static class CsvCell
{
    public const char Inert = '\'';

    public const char ListSeparator = '|';

    // The last four are the full-width forms, which East Asian editions evaluate as the plain ones.
    private const string FormulaStarts = "=+-@＝＋－＠";

    // RFC 4180's own four, the separators of other locales (a cell split there would start a new, live
    // cell), and the apostrophe.
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n;\t'");

    public static string MakeInert(string? text) =>
        text is null ? "" : WouldRun(text.AsSpan().TrimStart(Inert)) ? Inert + text : text;

    /// <summary>Items joined by <see cref="ListSeparator"/>; the separator and the backslash inside an item carry a backslash.</summary>
    public static string List(IEnumerable<string> items)
    {
        var cell = new StringBuilder();
        foreach (var item in items)
        {
            if (cell.Length > 0)
                cell.Append(ListSeparator);
            cell.Append(item.Replace("\\", "\\\\").Replace("|", "\\|"));
        }

        return MakeInert(cell.ToString());
    }

    public static bool IsEscaped(string cell) => cell.StartsWith(Inert) && WouldRun(cell.AsSpan().TrimStart(Inert));

    public static bool NeedsQuotes(string? cell) =>
        !string.IsNullOrEmpty(cell)
        && (cell.AsSpan().ContainsAny(Quoted) || char.IsWhiteSpace(cell[0]) || char.IsWhiteSpace(cell[^1]));

    private static bool WouldRun(ReadOnlySpan<char> text)
    {
        if (text is ['\t' or '\r' or '\n', ..])
            return true;
        foreach (var c in text)
        {
            if (!IsInvisible(c))
                return FormulaStarts.Contains(c);
        }

        return false;
    }

    // Spreadsheets trim some of these on import; which ones differs, so all of them are looked through.
    private static bool IsInvisible(char c) =>
        char.IsWhiteSpace(c) || char.IsControl(c)
        || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format;
}
