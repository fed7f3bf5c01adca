namespace Harness;

/// <summary>The tables of <c>docs/reference/settings.md</c>: what the options say is written, what people say is kept.</summary>
public static class SettingsPage
{
    private const string Missing = "(say what it is)";

    /// <param name="known">Key, default and legal range of every setting that options have; null where they do not say.</param>
    public static string? FindDifference(string program, IEnumerable<(string Key, string? Default, string? Legal)> known)
    {
        var part = $"settings of {program}";
        var lines = ReferencePage.ReadPart("reference/settings.md", part).Split('\n').Where(line => line.Length > 0).ToList();
        var rows = lines.Skip(2).Select(line => line.Trim('|').Split(" | ", StringSplitOptions.TrimEntries)).ToList();
        var settings = known.ToDictionary(setting => $"`{setting.Key}`");
        var sections = settings.Keys.Select(SectionOf).ToHashSet(StringComparer.Ordinal);
        rows.RemoveAll(row => sections.Contains(SectionOf(row[0])) && !settings.ContainsKey(row[0]));
        foreach (var key in settings.Keys.Where(key => rows.TrueForAll(row => row[0] != key)))
            rows.Insert(1 + rows.FindLastIndex(row => SectionOf(row[0]) == SectionOf(key)), [key, "none", Missing, Missing]);
        foreach (var row in rows.Where(row => settings.ContainsKey(row[0])))
        {
            var setting = settings[row[0]];
            // Where options have none, people say what holds instead.
            row[1] = setting.Default is { } value ? $"`{value}`" : row[1];
            row[2] = setting.Legal ?? row[2];
        }

        var page = string.Concat(lines.Take(2).Concat(rows.Select(row => $"| {string.Join(" | ", row)} |")).Select(line => line + "\n"));
        return ReferencePage.FindDifference("reference/settings.md", part, page)
            ?? (page.Contains(Missing, StringComparison.Ordinal) ? "a row of docs/reference/settings.md waits for its words" : null);
    }

    private static string SectionOf(string key) => key.Trim('`') is var name && name.Contains(':') ? name[..name.LastIndexOf(':')] : "";
}
