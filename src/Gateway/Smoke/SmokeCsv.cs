using System.Text;
using ServiceDefaults.Wire;

namespace Gateway.Smoke;

/// <summary>Reads an export's CSV (RFC 4180): a dictionary a row, keyed by column.</summary>
internal static class SmokeCsv
{
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Parse(string text)
    {
        var rows = Rows(text.TrimStart('\uFEFF')).ToList();
        if (rows.Count == 0 || !rows[0].SequenceEqual(ExportColumns.All, StringComparer.Ordinal))
            throw new SmokeFailedException($"the CSV's columns are {string.Join(',', rows.FirstOrDefault() ?? [])}");
        if (rows.Find(r => r.Count != ExportColumns.All.Count) is { } odd)
            throw new SmokeFailedException($"a CSV row has {odd.Count} cells");
        return [.. rows.Skip(1)
            .Select(row => ExportColumns.All.Zip(row).ToDictionary(c => c.First, c => c.Second, StringComparer.Ordinal))];
    }

    private static IEnumerable<List<string>> Rows(string text)
    {
        var (row, cell, quoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"')
                cell.Append(text[++i]);
            else if (c == '"')
                quoted = !quoted;
            else if (quoted || c is not (',' or '\r' or '\n'))
                cell.Append(c);
            else if (c is ',' or '\n')
            {
                row.Add(cell.ToString());
                cell.Clear();
                if (c == '\n')
                {
                    yield return row;
                    row = [];
                }
            }
        }

        if (row.Count > 0 || cell.Length > 0)
            yield return [.. row, cell.ToString()];
    }
}
