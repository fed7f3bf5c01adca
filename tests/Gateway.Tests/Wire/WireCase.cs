using System.Text;

namespace Gateway.Tests.Wire;

/// <summary>One request that a backend must see.</summary>
/// <param name="Backend">Which backend; routing chose it for the path in <paramref name="Line"/>.</param>
/// <param name="Line">Method and target.</param>
internal sealed record Arrival(string Backend, string Line, string Body = "");

/// <summary>Bytes on a connection, and what they may come to.</summary>
/// <param name="Bytes">One character a byte.</param>
/// <param name="Arrivals">What the backends see, in order; nothing when the gateway refuses.</param>
/// <param name="Status">The first answer's status.</param>
/// <param name="Unfinished">The client stops in the middle and closes its side.</param>
internal sealed record WireCase(string Name, string Bytes, IReadOnlyList<Arrival> Arrivals, int? Status = null, bool Unfinished = false)
{
    public byte[] Raw => Encoding.Latin1.GetBytes(Bytes);

    public bool IsRefused => Arrivals.Count == 0;

    /// <summary>A 4xx and nothing behind it.</summary>
    public static WireCase Refused(string name, string bytes, int? status = 400) => new(name, bytes, [], status);

    /// <summary>The client never finishes; no backend may act on half a request.</summary>
    public static WireCase Cut(string name, string bytes) => new(name, bytes, [], Unfinished: true);

    public static WireCase Passes(string name, string bytes, string backend, string line, string body = "") =>
        new(name, bytes, [new(backend, line, body)]);

    public static WireCase ToLegacy(string name, string bytes, string line, string body = "") => Passes(name, bytes, "legacy", line, body);

    public static string Get(string target, params string[] headers) => Head("GET", target, headers);

    public static string Head(string method, string target, params string[] headers) =>
        $"{method} {target} HTTP/1.1\r\nHost: gateway.test\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n";

    /// <summary>A POST to legacy with these headers and bytes after its head.</summary>
    public static string Post(string body, params string[] headers) => Head("POST", "/form", headers) + body;
}
