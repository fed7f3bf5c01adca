using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Harness;

namespace Gateway.Tests.Wire;

/// <summary>A request as its bytes.</summary>
/// <param name="Head">From the request line to the empty line, one character a byte.</param>
internal sealed record RawRequest(string Head, string Body)
{
    public string Line => string.Join(' ', Head.Split("\r\n")[0].Split(' ')[..2]);

    /// <summary>Every value of the header, in order.</summary>
    public IReadOnlyList<string> Values(string name) =>
    [
        .. Head.Split("\r\n").Skip(1).Where(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
            .Select(l => l[(name.Length + 1)..].Trim()),
    ];
}

/// <summary>
/// A backend that shows the bytes themselves, and answers 200 to each request that it makes out in them. WireMock shows none.
/// </summary>
internal sealed class RawUpstream(int port = 0) : RawServer(port)
{
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

    private readonly ConcurrentQueue<RawRequest> _requests = new();

    /// <summary>What is written instead of the plain 200, by the step; one character a byte.</summary>
    public Func<RawRequest, Func<string, Task>, Task>? Answers { get; set; }

    public IReadOnlyList<RawRequest> Requests => [.. _requests];

    public void Forget() => _requests.Clear();

    protected override async Task ServeAsync(Socket connection, CancellationToken stop)
    {
        var pending = new Pending(connection, stop);
        try
        {
            while (await pending.FillAsync(p => p.Contains("\r\n\r\n", StringComparison.Ordinal)))
            {
                var head = pending.TakeThrough("\r\n\r\n");
                var body = await ReadBodyAsync(pending, new RawRequest(head, ""));
                if (body is null)
                    return; // Half a request is none.
                _requests.Enqueue(new(head, body));
                if (Answers is { } answers)
                    await answers(new(head, body), async bytes => await connection.SendAsync(Encoding.Latin1.GetBytes(bytes), stop));
                else
                    await connection.SendAsync(Answer, stop);
            }
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            // It wrote what is no request.
        }
    }

    private static async Task<string?> ReadBodyAsync(Pending pending, RawRequest request)
    {
        if (request.Values("Transfer-Encoding").Count > 0)
            return await ReadChunksAsync(pending);
        if (request.Values("Content-Length") is not [var text])
            return "";
        var length = int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
        return await pending.FillAsync(p => p.Length >= length) ? pending.Take(length) : null;
    }

    private static async Task<string?> ReadChunksAsync(Pending pending)
    {
        var body = new StringBuilder();
        while (await pending.FillAsync(p => p.Contains("\r\n", StringComparison.Ordinal)))
        {
            var size = int.Parse(pending.TakeThrough("\r\n").Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (size == 0)
                return await SkipTrailersAsync(pending) ? body.ToString() : null;
            if (!await pending.FillAsync(p => p.Length >= size + 2))
                return null;
            body.Append(pending.Take(size + 2).AsSpan(0, size));
        }

        return null;
    }

    private static async Task<bool> SkipTrailersAsync(Pending pending)
    {
        while (await pending.FillAsync(p => p.Contains("\r\n", StringComparison.Ordinal)))
        {
            if (pending.TakeThrough("\r\n") == "\r\n")
                return true;
        }

        return false;
    }

    /// <summary>What came on the connection and has not been read.</summary>
    private sealed class Pending(Socket connection, CancellationToken stop)
    {
        private readonly byte[] _buffer = new byte[16 * 1024];
        private readonly StringBuilder _text = new();

        public async Task<bool> FillAsync(Func<string, bool> enough)
        {
            while (!enough(_text.ToString()))
            {
                var read = await connection.ReceiveAsync(_buffer, stop);
                if (read == 0)
                    return false;
                _text.Append(Encoding.Latin1.GetString(_buffer, 0, read));
            }

            return true;
        }

        public string TakeThrough(string end) => Take(_text.ToString().IndexOf(end, StringComparison.Ordinal) + end.Length);

        public string Take(int length)
        {
            var taken = _text.ToString(0, length);
            _text.Remove(0, length);
            return taken;
        }
    }
}
