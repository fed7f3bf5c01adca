using System.Globalization;
using System.Text;
using Gateway.Configuration;
using Gateway.Exchanges;

namespace Gateway.Diff;

/// <summary>
/// The users that a comparison is about: a line is an id, then its groups, comma-separated, read as the headers that would carry them.
/// Empty lines and lines that begin with # say nothing.
/// </summary>
internal static class UserFile
{
    public const string StandardInput = "-";

    private const int LongestLine = 65_536;
    private const int MostIllegal = 1_000;
    private const int MostShown = 20;

    /// <param name="warnings">Gets each line that is left out.</param>
    /// <exception cref="ConfigurationRefusedException">It cannot be read, or is no file of users.</exception>
    public static List<Caller> Read(string path, List<ConfigFinding> warnings)
    {
        var name = path == StandardInput ? "standard input" : path;
        try
        {
            using var stream = path == StandardInput ? Console.OpenStandardInput() : File.OpenRead(path);
            // A byte of Latin-1 is a character, as in a header; a byte order mark says that it is something else.
            using var reader = new StreamReader(stream, Encoding.Latin1, detectEncodingFromByteOrderMarks: true);
            return Read(reader, name, warnings);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ConfigurationRefusedException([new(name, "", null, $"a readable file with a user a line ({error.Message})")]);
        }
    }

    private static List<Caller> Read(StreamReader reader, string name, List<ConfigFinding> warnings)
    {
        var (callers, lines) = (new List<Caller>(), new Dictionary<string, int>(StringComparer.Ordinal));
        var number = 0;
        foreach (var line in ReadLines(reader, name))
        {
            number++;
            var text = (reader.CurrentEncoding.CodePage == Encoding.Latin1.CodePage ? CallerHeaders.Decode(line) : line)?.Trim();
            if (text is { Length: 0 } || text?[0] == '#')
                continue;
            var id = text?.Split(',', 2)[0].TrimEnd();
            if (text is null || text.Contains('\uFFFD') || !Caller.IsLegalId(id) || text.Any(c => char.IsControl(c) && c != '\t'))
            {
                Refuse(text ?? line, text is null || text.Contains('\uFFFD')
                    ? "UTF-8"
                    : "an id of 1 to 256 characters without commas and control characters, then groups");
            }
            else if (!lines.TryAdd(id!, number))
                Refuse(id!, string.Create(CultureInfo.InvariantCulture, $"each user once: line {lines[id!]} has this one"));
            else
                callers.Add(new Caller(id, text.IndexOf(',') is var comma and >= 0 ? Caller.ParseGroups(text[(comma + 1)..]) : []));
        }

        return callers.Count > 0 ? callers : throw new ConfigurationRefusedException(
            
        [
            .. warnings.Take(MostShown),
            new(name, "", warnings.Count > 0 ? "no legal line" : "no lines", "a user a line: the id, then its groups, comma-separated"),
        ]);

        void Refuse(string value, string expected)
        {
            if (warnings.Count == MostIllegal)
                throw new ConfigurationRefusedException([.. warnings.Take(MostShown), new(name, "", "other things", "a file of users")]);
            warnings.Add(new(
                name, "", value.Length > 100 ? value[..100] + "…" : value, expected + "; this line is left out", FindingSeverity.Warning,
                number, 1));
        }
    }

    /// <summary>Its own, because the reader's takes a line of any length into memory.</summary>
    private static IEnumerable<string> ReadLines(StreamReader reader, string name)
    {
        var (line, buffer) = (new StringBuilder(), new char[8192]);
        int read;
        while ((read = reader.Read(buffer, 0, buffer.Length)) > 0)
        {
            var rest = buffer.AsMemory(0, read);
            for (int end; (end = rest.Span.IndexOf('\n')) >= 0; rest = rest[(end + 1)..])
            {
                yield return line.Append(rest[..end]).ToString();
                line.Clear();
            }

            if (line.Append(rest).Length > LongestLine)
                throw new ConfigurationRefusedException([new(name, "", "a line that does not end", "a file with a user a line")]);
        }

        if (line.Length > 0)
            yield return line.ToString();
    }
}
