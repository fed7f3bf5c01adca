using System.Globalization;
using System.Text;

namespace Fuzz;

internal enum Listener
{
    Gateway,
    Service,
    Admin,
}

/// <param name="Framed">Whether it is one whole request for sure, so that a second answer is a fault.</param>
internal sealed record FuzzRequest(string Id, string Kind, Listener Listener, byte[] Bytes, bool Framed);

/// <summary>Makes the n-th request of a seed, always the same: a call that is in order, and one or two things wrong with it.</summary>
internal sealed class RequestMaker(int seed, string run)
{
    private static readonly string[] Names = ["days", "title", "runId", "calendarId", "entries", "x"];

    private static readonly string[] Kinds = ["valid", "json", "query", "path", "header", "method", "bytes", "cut"];

    private const string Entry =
        """
        {"entryId":"a","scheduledAt":"2099-07-01T12:00:00Z","channels":["x"],"text":"t","link":"https://example.org/a","mediaUrls":[],
        "tags":["t"]}
        """;

    // Method, path, body, header.
    private static readonly (string Method, string Path, string Body, string Header)[] Calls =
    [
        ("GET", "/api/calendar?limit=5", "", ""), ("GET", "/api/calendar/spring", "", "If-None-Match: \"1\""),
        ("PUT", "/api/calendar/spring", """{"title":"T","timezone":"Asia/Calcutta","entries":[""" + Entry + "]}", "If-Match: *"),
        ("PUT", "/api/calendar/new-{n}", """{"title":"T","timezone":"UTC","entries":[]}""", "If-None-Match: *"),
        ("PATCH", "/api/calendar/spring/entries/a", """{"text":"t2","tags":["t"],"status":"draft"}""", "If-Match: *"),
        ("POST", "/api/calendar/spring/diff", """{"runId":"{run}"}""", ""),
        ("POST", "/api/calendar/spring/apply", """{"runId":"{run}","accept":[{"entryId":"a","field":"text"}]}""", "If-Match: *"),
        ("GET", "/api/calendar/spring/export?format=csv", "", ""), ("GET", "/api/calendar/spring/export?format=csv&profile=buffer", "", ""),
        ("POST", "/api/publish", """{"calendarId":"spring","entryIds":["a"],"dryRun":true}""", "Idempotency-Key: k-{n}"),
        ("GET", "/api/publish/intents?calendarId=spring&limit=5", "", ""), ("GET", "/api/publish/channels", "", ""),
        ("POST", "/api/calendar/generate",
            """
            {"calendarId":"g-{n}","brief":"Launch of a coffee brand","startDate":"2099-12-01","days":1,"postsPerDay":1,"channels":["x"],
            "timezone":"Europe/Berlin"}
            """,
            "Idempotency-Key: g-{n}"),
        ("GET", "/api/calendar/runs/{run}/stream?lastEventId=1", "", ""), ("POST", "/api/calendar/runs/{run}/cancel", "", ""),
        ("GET", "/legacy/page?a=b", "", ""), ("POST", "/legacy/form", "a=b", "Content-Type: application/x-www-form-urlencoded"),
        ("GET", "/explain?path=/api/calendar&user=alice", "", ""), ("GET", "/status", "", ""), ("GET", "/metrics", "", ""),
        ("GET", "/readyz", "", ""),
    ];

    public FuzzRequest Make(int number)
    {
        var random = new Random(HashCode(seed, number));
        var call = Pick(random, Calls);
        var kind = Pick(random, Kinds);
        var admin = call.Path is "/status" or "/metrics" or "/readyz" || call.Path.StartsWith("/explain", StringComparison.Ordinal);
        var listener = admin ? Listener.Admin : random.Next(2) == 0 ? Listener.Gateway : Listener.Service;
        var (method, path, body) = (call.Method, call.Path, Encoding.UTF8.GetBytes(Fill(call.Body, number)));
        var id = string.Create(CultureInfo.InvariantCulture, $"fuzz-{seed}-{number:00000000}");
        var headers = new List<(string Name, string Value)>
        {
            ("Host", "127.0.0.1"), ("X-User-Id", "alice"), ("X-Request-Id", id), ("Connection", "close"),
            ("Authorization", kind is "bytes" or "cut" || listener != Listener.Service ? "" : $"Basic {NastyValues.Canary}"),
            ("Cookie", kind is "bytes" or "cut" ? "" : $"s={NastyValues.Canary}"),
        };
        if (call.Header.Length > 0)
            headers.Add((call.Header.Split(": ")[0], call.Header.Split(": ")[1]));
        if (body.Length > 0 && !call.Header.StartsWith("Content-Type", StringComparison.Ordinal))
            headers.Add(("Content-Type", "application/json"));
        switch (kind)
        {
            case "json" when body.Length > 0:
                body = SpoilJson(random, Fill(call.Body, number));
                break;
            case "query":
                path += $"{(path.Contains('?') ? '&' : '?')}{Pick(random, NastyValues.Parameters)}="
                    + $"{ForTarget(Pick(random, NastyValues.Text))}&token={NastyValues.Canary}";
                break;
            case "path":
                path = ForTarget(Pick(random, NastyValues.Paths));
                break;
            case "header":
                SetHeader(random, headers);
                break;
            case "method":
                method = Pick(random, NastyValues.Methods);
                break;
        }

        headers.RemoveAll(header => header is ("Authorization" or "Cookie", ""));
        if (body.Length > 0 && !headers.Any(header => header.Name is "Content-Length" or "Transfer-Encoding"))
            headers.Add(("Content-Length", $"{body.Length}"));
        var head = $"{method} {path} HTTP/1.1\r\n{string.Concat(headers.Select(header => $"{header.Name}: {header.Value}\r\n"))}\r\n";
        byte[] bytes = [.. Encoding.UTF8.GetBytes(Fill(head, number)), .. body];
        if (kind is "bytes" or "cut")
            bytes = SpoilBytes(random, bytes, kind == "cut");
        return new(id, kind, listener, bytes, Framed: kind is not ("bytes" or "cut" or "header" or "method"));
    }

    private string Fill(string text, int number) => text.Replace("{run}", run, StringComparison.Ordinal)
        .Replace("{n}", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static byte[] SpoilJson(Random random, string body)
    {
        var value = Pick(random, NastyValues.Json);
        var colons = Enumerable.Range(0, body.Length).Where(i => body[i] == ':' && i > 0 && body[i - 1] == '"').ToArray();
        var at = colons.Length == 0 ? 0 : Pick(random, colons) + 1;
        switch (random.Next(8))
        {
            case 0:
                return Encoding.UTF8.GetBytes(body[..random.Next(body.Length)]);
            case 1:
                return Encoding.UTF8.GetBytes(new string('[', 40 + random.Next(1000)) + body);
            case 2:
                return
                [
                    .. Encoding.UTF8.GetBytes(body[..at]), (byte)'"', 0xC3, 0x28, (byte)random.Next(128, 256), (byte)'"',
                    .. Encoding.UTF8.GetBytes(body[ValueEnd(body, at)..]),
                ];
            case 3:
                return [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(body)];
            case 4:
                return Encoding.UTF8.GetBytes(body.Insert(1, $"\"{Pick(random, Names)}\":{value},"));
            default:
                return Encoding.UTF8.GetBytes(body[..at] + value + body[ValueEnd(body, at)..]);
        }
    }

    // Good enough for the bodies above: a string, or up to the next separator.
    private static int ValueEnd(string body, int at)
    {
        if (at < body.Length && body[at] == '"')
            return body.IndexOf('"', at + 1) + 1;
        var end = body.AsSpan(at).IndexOfAny(",}]");
        return end < 0 ? body.Length : at + end;
    }

    private static void SetHeader(Random random, List<(string Name, string Value)> headers)
    {
        var (name, value) = (Pick(random, NastyValues.Headers), Pick(random, NastyValues.Text));
        if (random.Next(3) > 0)
            headers.RemoveAll(header => header.Name == name);
        if (random.Next(6) > 0)
            headers.Add((name, value));
        if (random.Next(10) == 0)
            headers.AddRange(Enumerable.Range(0, 120).Select(i => ($"X-Many-{i}", "v")));
    }

    private static byte[] SpoilBytes(Random random, byte[] bytes, bool cut)
    {
        if (cut)
            return bytes[..random.Next(1, bytes.Length)];
        var list = new List<byte>(bytes);
        for (var times = random.Next(1, 6); times > 0; times--)
        {
            var at = random.Next(list.Count);
            switch (random.Next(3))
            {
                case 0:
                    list[at] = (byte)random.Next(256);
                    break;
                case 1:
                    list.Insert(at, (byte)random.Next(256));
                    break;
                default:
                    list.RemoveAt(at);
                    break;
            }
        }

        return [.. list];
    }

    // What would end a request line is written as an escape.
    private static string ForTarget(string text) =>
        text.Replace(" ", "%20", StringComparison.Ordinal).Replace("\t", "%09", StringComparison.Ordinal);

    private static T Pick<T>(Random random, IReadOnlyList<T> of) => of[random.Next(of.Count)];

    // Not System.HashCode, which differs from process to process.
    private static int HashCode(int a, int b) => unchecked((a * 486_187_739) + (b * 16_777_619) + 23);
}
