using System.Text;

namespace CompareBench.Reports;

internal static class Markdown
{
    /// <summary>A document's width in this repository; tables may be wider.</summary>
    private const int Width = 120;

    public static string Write(Section section)
    {
        var text = new StringBuilder($"## {section.Title}\n\n{Wrap(section.Text)}\n");
        foreach (var table in section.Tables)
        {
            text.Append('\n');
            if (table.Caption is not null)
                text.Append($"{Wrap(table.Caption)}\n\n");
            text.Append(WriteRow(table.Columns)).Append(WriteRow(table.Columns.Select(static _ => "---")));
            foreach (var row in table.Rows)
                text.Append(WriteRow(row));
        }

        return text.ToString();
    }

    /// <summary>An item of a list.</summary>
    public static string WrapItem(string text) => "- " + Wrap(text, Width - 2).Replace("\n", "\n  ", StringComparison.Ordinal);

    public static string Wrap(string text) => Wrap(text, Width);

    private static string Wrap(string text, int width)
    {
        var lines = new StringBuilder();
        var length = 0;
        foreach (var word in text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            var breaks = length > 0 && length + 1 + word.Length > width;
            lines.Append(length == 0 ? "" : breaks ? "\n" : " ").Append(word);
            length = length == 0 || breaks ? word.Length : length + 1 + word.Length;
        }

        return lines.ToString();
    }

    private static string WriteRow(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |\n";
}
