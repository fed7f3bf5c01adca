using System.Globalization;
using System.Text;

namespace Gateway.Tests.Wire;

/// <summary>One answer of a connection, read as strictly as a client can.</summary>
internal sealed record RawAnswer(int Status, IReadOnlyList<(string Name, string Value)> Headers, string Body,
    IReadOnlyList<(string Name, string Value)> Trailers)
{
    public string? Header(string name) =>
        Headers.SingleOrDefault(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>All answers that stand in these bytes, interim ones apart; anything that is not part of one fails.</summary>
    /// <param name="toHead">The answers have no bodies, whatever they declare.</param>
    public static IReadOnlyList<RawAnswer> ReadAll(string bytes, bool toHead = false)
    {
        var answers = new List<RawAnswer>();
        for (var at = 0; at < bytes.Length;)
        {
            var answer = Read(bytes, ref at, toHead);
            if (answer.Status >= 200)
                answers.Add(answer);
        }

        return answers;
    }

    private static RawAnswer Read(string bytes, ref int at, bool toHead)
    {
        var first = Line(bytes, ref at);
        Assert.Matches("^HTTP/1\\.1 [0-9]{3} ", first);
        var status = int.Parse(first.AsSpan(9, 3), CultureInfo.InvariantCulture);
        var headers = Fields(bytes, ref at);
        var answer = new RawAnswer(status, headers, "", []);
        if (toHead || status is < 200 or 204 or 304)
            return answer;
        if (answer.Header("Transfer-Encoding") is { } coding)
        {
            Assert.Equal("chunked", coding);
            var body = Chunks(bytes, ref at);
            return answer with { Body = body, Trailers = Fields(bytes, ref at) };
        }

        if (answer.Header("Content-Length") is not { } length)
            return answer;
        var size = int.Parse(length, CultureInfo.InvariantCulture);
        Assert.True(bytes.Length - at >= size, $"the body ends early: {bytes}");
        at += size;
        return answer with { Body = bytes[(at - size)..at] };
    }

    private static string Chunks(string bytes, ref int at)
    {
        var body = new StringBuilder();
        while (int.Parse(Line(bytes, ref at), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) is > 0 and var size)
        {
            Assert.True(bytes.Length - at >= size + 2 && bytes[(at + size)..(at + size + 2)] == "\r\n", $"a chunk does not end: {bytes}");
            body.Append(bytes, at, size);
            at += size + 2;
        }

        return body.ToString();
    }

    private static List<(string Name, string Value)> Fields(string bytes, ref int at)
    {
        var fields = new List<(string, string)>();
        while (Line(bytes, ref at) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            Assert.True(colon > 0, $"no header: {line}");
            fields.Add((line[..colon], line[(colon + 1)..].Trim()));
        }

        return fields;
    }

    private static string Line(string bytes, ref int at)
    {
        var end = bytes.IndexOf("\r\n", at, StringComparison.Ordinal);
        Assert.True(end >= 0, $"no line's end after character {at}: {bytes}");
        var line = bytes[at..end];
        at = end + 2;
        return line;
    }
}
