using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

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
internal sealed class RawUpstream : IAsyncDisposable
{
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<RawRequest> _requests = new();
    private readonly Task _accepting;

    public RawUpstream(int port = 0)
    {
        _listener = new(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>What is written instead of the plain 200, by the step; one character a byte.</summary>
    public Func<RawRequest, Func<string, Task>, Task>? Answers { get; set; }

    public IReadOnlyList<RawRequest> Requests => [.. _requests];

    public void Forget() => _requests.Clear();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        var stream = client.GetStream();
        var pending = new StringBuilder();
        try
        {
            while (await FillAsync(stream, pending, p => p.Contains("\r\n\r\n", StringComparison.Ordinal)))
            {
                var head = Take(pending, pending.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4);
                var body = await ReadBodyAsync(stream, pending, new RawRequest(head, ""));
                if (body is null)
                    return; // Half a request is none.
                _requests.Enqueue(new(head, body));
                if (Answers is { } answers)
                    await answers(new(head, body), async bytes => await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes), _stop.Token));
                else
                    await stream.WriteAsync(Answer, _stop.Token);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or FormatException or OverflowException)
        {
            // It hung up, or wrote what is no request.
        }
    }

    private async Task<string?> ReadBodyAsync(NetworkStream stream, StringBuilder pending, RawRequest request)
    {
        if (request.Values("Transfer-Encoding").Count > 0)
            return await ReadChunksAsync(stream, pending);
        if (request.Values("Content-Length") is not [var text])
            return "";
        var length = int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
        return await FillAsync(stream, pending, p => p.Length >= length) ? Take(pending, length) : null;
    }

    private async Task<string?> ReadChunksAsync(NetworkStream stream, StringBuilder pending)
    {
        var body = new StringBuilder();
        while (await FillAsync(stream, pending, p => p.Contains("\r\n", StringComparison.Ordinal)))
        {
            var line = Take(pending, pending.ToString().IndexOf("\r\n", StringComparison.Ordinal) + 2).Trim();
            var size = int.Parse(line, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (size == 0)
                return await SkipTrailersAsync(stream, pending) ? body.ToString() : null;
            if (!await FillAsync(stream, pending, p => p.Length >= size + 2))
                return null;
            body.Append(Take(pending, size + 2).AsSpan(0, size));
        }

        return null;
    }

    private async Task<bool> SkipTrailersAsync(NetworkStream stream, StringBuilder pending)
    {
        while (await FillAsync(stream, pending, p => p.Contains("\r\n", StringComparison.Ordinal)))
        {
            if (Take(pending, pending.ToString().IndexOf("\r\n", StringComparison.Ordinal) + 2) == "\r\n")
                return true;
        }

        return false;
    }

    private async Task<bool> FillAsync(NetworkStream stream, StringBuilder pending, Func<string, bool> enough)
    {
        var buffer = new byte[16 * 1024];
        while (!enough(pending.ToString()))
        {
            var read = await stream.ReadAsync(buffer, _stop.Token);
            if (read == 0)
                return false;
            pending.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        return true;
    }

    private static string Take(StringBuilder pending, int length)
    {
        var taken = pending.ToString(0, length);
        pending.Remove(0, length);
        return taken;
    }
}
