using System.Text;

namespace CalendarService.Tests.Export;

/// <summary>A second opinion on RFC 4180, written from its grammar; refuses what a lenient reader would take.</summary>
internal static class CsvText
{
    public static List<List<string>> Parse(string text)
    {
        var (records, at) = (new List<List<string>>(), 0);
        while (at < text.Length)
        {
            var record = new List<string> { Field(text, ref at) };
            while (at < text.Length && text[at] == ',')
            {
                at++;
                record.Add(Field(text, ref at));
            }

            if (!text.AsSpan(at).StartsWith("\r\n"))
                throw new FormatException($"a record does not end in CRLF at {at}");
            at += 2;
            records.Add(record);
        }

        return records;
    }

    /// <summary>As Python's <c>csv</c> module reads a file with this delimiter: quotes count only where a cell begins.</summary>
    public static List<List<string>> ParseLeniently(string text, char delimiter)
    {
        var (records, record, field) = (new List<List<string>>(), new List<string>(), new StringBuilder());
        var (quoted, begun) = (false, false);
        for (var at = 0; at < text.Length; at++)
        {
            var c = text[at];
            if (quoted && c == '"' && at + 1 < text.Length && text[at + 1] == '"')
                field.Append(text[at++]);
            else if (quoted && c == '"')
                quoted = false;
            else if (quoted)
                field.Append(c);
            else if (c == '"' && !begun)
                (quoted, begun) = (true, true);
            else if (c == delimiter || c is '\r' or '\n')
            {
                record.Add(field.ToString());
                field.Clear();
                begun = false;
                if (c != delimiter)
                {
                    records.Add(record);
                    record = [];
                }
            }
            else
            {
                field.Append(c);
                begun = true;
            }
        }

        record.Add(field.ToString());
        return [.. records, record];
    }

    private static string Field(string text, ref int at)
    {
        var field = new StringBuilder();
        if (at < text.Length && text[at] == '"')
        {
            for (at++; ; at++)
            {
                if (text[at] != '"')
                    field.Append(text[at]);
                else if (at + 1 < text.Length && text[at + 1] == '"')
                    field.Append(text[at++]);
                else
                    break;
            }

            at++;
            return field.ToString();
        }

        for (; at < text.Length && text[at] is not (',' or '\r' or '\n'); at++)
        {
            if (text[at] == '"')
                throw new FormatException($"a bare quote at {at}");
            field.Append(text[at]);
        }

        return field.ToString();
    }
}
