using System.Buffers;
using System.Text;

namespace ServiceDefaults.Wire;

/// <summary>
/// Text that a spreadsheet shows and never runs, whatever delimiter it is told to split at. A cell whose first visible character starts a
/// formula gets an apostrophe in front (OWASP, CSV injection), and so does every piece of it after a character at which another program
/// may begin a cell or a row. A piece that already looks like that gets one more, which keeps the escape reversible.
/// </summary>
public static class CsvCell
{
    public const char Inert = '\'';

    public const char ListSeparator = '|';

    // The last four are the full-width forms, which East Asian editions evaluate as the plain ones.
    private const string FormulaStarts = "=+-@＝＋－＠";

    // Semicolon, tab and bar are the separators of other locales and tools; a reader that does not know quotes begins a row at a line end.
    // Not the comma: whoever splits there has seen the quotes.
    private static readonly SearchValues<char> Cuts = SearchValues.Create(";\t|\r\n\v\f\u0085\u2028\u2029");

    // RFC 4180's own four, the separators of other locales (a cell split there would start a new, live
    // cell), and the apostrophe.
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n;\t'");

    public static string MakeInert(string? text)
    {
        if (text is null)
            return "";
        var inert = Rewrite(text, piece => WouldRun(piece.AsSpan().TrimStart(Inert)) ? Inert + piece : piece);
        return BeginsBlank(text) ? Inert + inert : inert;
    }

    /// <summary>Takes back what <see cref="MakeInert"/> did.</summary>
    public static string Restore(string cell) => Rewrite(
        cell.StartsWith(Inert) && BeginsBlank(cell) ? cell[1..] : cell,
        piece => piece.StartsWith(Inert) && WouldRun(piece.AsSpan().TrimStart(Inert)) ? piece[1..] : piece);

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

    public static bool NeedsQuotes(string? cell) =>
        !string.IsNullOrEmpty(cell)
        && (cell.AsSpan().ContainsAny(Quoted) || char.IsWhiteSpace(cell[0]) || char.IsWhiteSpace(cell[^1]));

    private static string Rewrite(string text, Func<string, string> rewrite)
    {
        if (text.AsSpan().IndexOfAny(Cuts) < 0)
            return rewrite(text);
        var rewritten = new StringBuilder(text.Length + 8);
        var at = 0;
        for (var cut = text.AsSpan().IndexOfAny(Cuts); cut >= 0; cut = text.AsSpan(at).IndexOfAny(Cuts))
        {
            rewritten.Append(rewrite(text.Substring(at, cut))).Append(text[at + cut]);
            at += cut + 1;
        }

        return rewritten.Append(rewrite(text[at..])).ToString();
    }

    // A spreadsheet may cut these off and run what follows.
    private static bool BeginsBlank(string text) => text.AsSpan().TrimStart(Inert) is ['\t' or '\r' or '\n', ..];

    // Quotes too: a program that splits elsewhere may take them for the beginning of a quoted cell.
    private static bool WouldRun(ReadOnlySpan<char> piece)
    {
        foreach (var c in piece)
        {
            if (!IsInvisible(c) && c != '"' && c != Inert)
                return FormulaStarts.Contains(c);
        }

        return false;
    }

    // Spreadsheets trim some of these on import; which ones differs, so all of them are looked through.
    private static bool IsInvisible(char c) =>
        char.IsWhiteSpace(c) || char.IsControl(c)
        || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format;
}
