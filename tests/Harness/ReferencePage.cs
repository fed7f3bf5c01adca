namespace Harness;

/// <summary>
/// A page of <c>docs/</c> of which a part is written by the tests: what stands between <c>&lt;!-- written: name --&gt;</c> and
/// <c>&lt;!-- end --&gt;</c>. With <c>UPDATE_DOCS=1</c> it is written instead of compared.
/// </summary>
public static class ReferencePage
{
    public static string Read(string page) => File.ReadAllText(PathOf(page));

    /// <param name="page">Below <c>docs/</c>.</param>
    /// <returns>Where the page differs from <paramref name="expected"/>; null when it is the same, or was written.</returns>
    public static string? FindDifference(string page, string part, string expected)
    {
        var (text, from, to) = FindPart(page, part);
        if (text[from..to] == expected)
            return null;
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") != "1")
            return $"docs/{page} is not of this code; UPDATE_DOCS=1 writes it anew. {FirstDifference(text[from..to], expected)}";
        File.WriteAllText(PathOf(page), text[..from] + expected + text[to..]);
        return null;
    }

    public static string ReadPart(string page, string part) => FindPart(page, part) is var (text, from, to) ? text[from..to] : "";

    private static (string Text, int From, int To) FindPart(string page, string part)
    {
        var text = Read(page);
        var begin = $"<!-- written: {part} -->\n\n";
        var from = text.IndexOf(begin, StringComparison.Ordinal);
        return from < 0
            ? throw new InvalidOperationException($"docs/{page} has no part {part}")
            : (text, from + begin.Length, text.IndexOf("\n<!-- end -->", from, StringComparison.Ordinal));
    }

    /// <summary>The cells of every table of a page whose head begins with <paramref name="head"/>, head and rule left out.</summary>
    public static IReadOnlyList<string[]> ReadRows(string page, string head)
    {
        var rows = new List<string[]>();
        var inside = false;
        foreach (var line in Read(page).Split('\n'))
        {
            inside = line.StartsWith('|') && (inside || line.StartsWith($"| {head} |", StringComparison.Ordinal));
            if (inside)
                rows.Add([.. line.Trim('|').Split(" | ").Select(cell => cell.Trim())]);
        }

        return [.. rows.Where(row => row[0] != head && row[0] != "---")];
    }

    private static string FirstDifference(string page, string expected)
    {
        var (old, now) = (page.Split('\n'), expected.Split('\n'));
        var line = Enumerable.Range(0, Math.Max(old.Length, now.Length)).First(i => old.ElementAtOrDefault(i) != now.ElementAtOrDefault(i));
        return $"It says\n{old.ElementAtOrDefault(line)}\nand the code\n{now.ElementAtOrDefault(line)}";
    }

    private static string PathOf(string page) => Path.Combine(ContractPage.Root, "docs", page);
}
