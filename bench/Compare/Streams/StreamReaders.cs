using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CompareBench.Running;

namespace CompareBench.Streams;

/// <summary>Many event streams that are open at once, and how long their events are under way.</summary>
internal sealed class StreamReaders : IAsyncDisposable
{
    private static readonly byte[] Sent = Encoding.ASCII.GetBytes(StreamOrigin.Sent);

    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _reading = [];
    private readonly List<double> _firstEvents = [];
    private ConcurrentBag<double>? _recording;
    private volatile bool _closing;

    /// <summary>From the request to the first event of each stream, in milliseconds.</summary>
    public IReadOnlyList<double> FirstEvents => _firstEvents;

    /// <summary>One after the other: the time to the first event is that of a stream which nobody else holds up.</summary>
    public static async Task<StreamReaders> OpenAsync(Uri target, int count, bool atOnce)
    {
        var readers = new StreamReaders();
        try
        {
            for (var number = 0; number < count; number++)
                await readers.OpenOneAsync(target, number, atOnce);
            return readers;
        }
        catch
        {
            await readers.DisposeAsync();
            throw;
        }
    }

    /// <returns>The milliseconds that each event of this time was under way, sorted.</returns>
    public async Task<double[]> RecordAsync(TimeSpan duration)
    {
        var recorded = new ConcurrentBag<double>();
        Volatile.Write(ref _recording, recorded);
        await Task.Delay(duration);
        Volatile.Write(ref _recording, null);
        if (_reading.FirstOrDefault(static r => r.IsCompleted) is { } over)
        {
            await over;
            throw new InvalidOperationException("An event stream ended by itself.");
        }

        var expected = _sockets.Count * duration.TotalSeconds;
        if (recorded.Count < expected * 0.9)
            throw new InvalidOperationException($"{recorded.Count} events came, of {expected:0}.");
        double[] sorted = [.. recorded.Order()];
        return sorted;
    }

    public async ValueTask DisposeAsync()
    {
        _closing = true;
        foreach (var socket in _sockets)
            socket.Dispose();
        await Task.WhenAll(_reading);
    }

    private async Task OpenOneAsync(Uri target, int number, bool atOnce)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _sockets.Add(socket);
        await socket.ConnectAsync(IPAddress.Loopback, target.Port);
        var request = $"POST {StreamOrigin.Path}{(atOnce ? StreamOrigin.AtOnce : "")} HTTP/1.1\r\nHost: {target.Authority}\r\n"
            + $"X-User-Id: user{number}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}";
        var started = Stopwatch.GetTimestamp();
        await socket.SendAsync(Encoding.ASCII.GetBytes(request));
        var buffer = new byte[2048];
        for (var read = 0; buffer.AsSpan(0, read).IndexOf("event: meta"u8) < 0;)
        {
            var more = await socket.ReceiveAsync(buffer.AsMemory(read));
            read += more;
            if (more == 0 || (read > 12 && !buffer.AsSpan().StartsWith("HTTP/1.1 200"u8)))
                throw new InvalidOperationException($"Stream {number + 1} did not open:\n{Encoding.ASCII.GetString(buffer, 0, read)}");
        }

        _firstEvents.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        _reading.Add(ReadAsync(socket, buffer));
    }

    private async Task ReadAsync(Socket socket, byte[] buffer)
    {
        try
        {
            for (var held = 0; ;)
            {
                var more = await socket.ReceiveAsync(buffer.AsMemory(held));
                if (more == 0)
                    return;
                held = Take(buffer.AsSpan(0, held + more), Stopwatch.GetTimestamp());
            }
        }
        catch (Exception closed) when (_closing && closed is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // As it was meant.
        }
    }

    /// <summary>Records the events in what was received.</summary>
    /// <returns>How many bytes, moved to the front, may belong to a moment whose rest has still to come.</returns>
    private int Take(Span<byte> bytes, long now)
    {
        Span<byte> rest = bytes;
        while (rest.IndexOf(Sent) is var at and >= 0 && rest.Length >= at + Sent.Length + StreamOrigin.MomentDigits)
        {
            rest = rest[(at + Sent.Length)..];
            if (!Utf8Parser.TryParse(rest[..StreamOrigin.MomentDigits], out long sent, out _))
                throw new InvalidOperationException("An event does not say when it was sent.");
            Volatile.Read(ref _recording)?.Add(Stopwatch.GetElapsedTime(sent, now).TotalMilliseconds);
        }

        var kept = rest.IndexOf(Sent) is var begun and >= 0 ? rest[begun..] : rest[^Math.Min(rest.Length, Sent.Length - 1)..];
        kept.CopyTo(bytes);
        return kept.Length;
    }
}

/// <summary>Of sorted numbers, the one that so many of a hundred are not above.</summary>
internal static class Percentile
{
    public static double Of(double[] sorted, double percent) => sorted[(int)((sorted.Length - 1) * percent / 100)];
}
