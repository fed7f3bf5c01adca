using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CompareBench.Streams;

/// <summary>
/// A backend of event streams in a process of its own, on bare sockets so that it costs the machine little: each stream has an event a
/// second, which says when it was sent. The streams take turns over the second, or all have theirs at the same moment. Anything else that
/// is asked, a probe, is answered with an empty 200.
/// </summary>
internal sealed class StreamOrigin
{
    public const string Path = "/api/calendar/generate";

    /// <summary>The query that asks for an event at the same moment as all others.</summary>
    public const string AtOnce = "?at-once";

    /// <summary>Stands before the moment of an event, in ticks of the machine's stopwatch, which all its processes share.</summary>
    public const string Sent = "\"sent\":";

    /// <summary>Digits of that moment.</summary>
    public const int MomentDigits = 19;

    private const int SlotsASecond = 100;

    private static readonly byte[] Fine = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

    private static readonly byte[] Opening = Encoding.ASCII.GetBytes(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        + Chunk("id: 1\nevent: meta\ndata: {\"type\":\"meta\",\"seq\":1}\n\n"));

    private readonly List<Socket>[] _slots = [.. Enumerable.Range(0, SlotsASecond).Select(static _ => new List<Socket>())];
    private int _opened;

    public async Task RunAsync(int port)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(4096);
        _ = SendEventsAsync();
        while (true)
            _ = ServeAsync(await listener.AcceptAsync());
    }

    private static string Chunk(string text) => $"{text.Length:x}\r\n{text}\r\n";

    private async Task ServeAsync(Socket client)
    {
        using var socket = client;
        socket.NoDelay = true;
        var buffer = new byte[4096];
        try
        {
            while (await ReadHeadAsync(socket, buffer) is { } head)
            {
                if (head.Contains(Path, StringComparison.Ordinal))
                    await StreamAsync(socket, head.Contains(AtOnce, StringComparison.Ordinal), buffer);
                else
                    await socket.SendAsync(Fine);
            }
        }
        catch (SocketException)
        {
            // The other side broke off.
        }
    }

    /// <returns>Null at the end of the connection.</returns>
    private static async Task<string?> ReadHeadAsync(Socket socket, byte[] buffer)
    {
        for (var read = 0; ;)
        {
            var more = await socket.ReceiveAsync(buffer.AsMemory(read));
            if (more == 0)
                return null;
            read += more;
            if (buffer.AsSpan(0, read).IndexOf("\r\n\r\n"u8) >= 0)
                return Encoding.ASCII.GetString(buffer, 0, read);
        }
    }

    private async Task StreamAsync(Socket socket, bool atOnce, byte[] buffer)
    {
        await socket.SendAsync(Opening);
        var slot = _slots[atOnce ? 0 : Interlocked.Increment(ref _opened) % SlotsASecond];
        lock (slot)
            slot.Add(socket);
        try
        {
            while (await socket.ReceiveAsync(buffer) > 0)
            {
                // The body of the request; then nothing until the reader leaves.
            }
        }
        finally
        {
            lock (slot)
                slot.Remove(socket);
        }
    }

    private async Task SendEventsAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / SlotsASecond));
        var started = Stopwatch.GetTimestamp();
        var sent = 0L;
        while (await timer.WaitForNextTickAsync())
        {
            var due = (long)(Stopwatch.GetElapsedTime(started).TotalSeconds * SlotsASecond);
            for (; sent < due; sent++)
                SendEvents(_slots[sent % SlotsASecond], sequence: 2 + sent / SlotsASecond);
        }
    }

    private static void SendEvents(List<Socket> slot, long sequence)
    {
        var text = $"id: {sequence}\nevent: entry\ndata: {{\"type\":\"entry\",\"seq\":{sequence},{Sent}{{0}},\"entry\":{{\"entryId\":"
            + "\"2099-03-01-1\",\"text\":\"What a garden wants in spring, told in the length that most posts have\"}}\n\n";
        var moment = text.IndexOf("{0}", StringComparison.Ordinal);
        var frame = text[..moment] + new string('0', MomentDigits) + text[(moment + 3)..];
        var bytes = Encoding.ASCII.GetBytes(Chunk(frame));
        var at = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Sent)) + Sent.Length;
        lock (slot)
        {
            foreach (var socket in slot)
            {
                Stopwatch.GetTimestamp().TryFormat(bytes.AsSpan(at, MomentDigits), out _, "D19");
                try
                {
                    socket.Send(bytes);
                }
                catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
                {
                    // Its reader left; whoever waits for that takes it away.
                }
            }
        }
    }
}
