using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Costs;

/// <summary>
/// A backend with a thread for each connection. Probes are answered at once, other requests when the gateway has had the time to wait for
/// the answer; what follows the beginning of a stream is its reader's part.
/// </summary>
internal sealed class RawOrigin : IDisposable
{
    private static readonly byte[] Alive = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

    private static readonly byte[] Page = Encoding.ASCII.GetBytes(
        $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1024\r\n\r\n{new string('x', 1024)}");

    private static readonly byte[] Opening = Encoding.ASCII.GetBytes(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "31\r\nid: 1\nevent: meta\ndata: {\"type\":\"meta\",\"seq\":1}\n\n\r\n");

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private long _allocated;
    private long _segments;
    private volatile RawPeer? _latest;

    public RawOrigin()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        OwnPorts.Claim(Port);
        new Thread(Accept) { IsBackground = true, Name = "origin" }.Start();
    }

    public Uri Address => new($"http://127.0.0.1:{Port}/");

    /// <summary>Bytes that its own threads allocated: not the gateway's.</summary>
    public long Allocated => Volatile.Read(ref _allocated);

    /// <summary>Segments of data in which its requests came, probes apart.</summary>
    public long Segments => Volatile.Read(ref _segments);

    /// <summary>Leaves the gateway the time to wait for the answer.</summary>
    public bool Pauses { get; set; }

    /// <summary>The connection of the latest request.</summary>
    public RawPeer Latest => _latest!;

    public void Dispose() => _listener.Dispose();

    private int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    [ThreadStatic]
    private static long _counted;

    private void Accept()
    {
        try
        {
            while (true)
            {
                var connection = new RawPeer(_listener.Accept());
                new Thread(() => Serve(connection)) { IsBackground = true, Name = "origin" }.Start();
                CountOwn();
            }
        }
        catch (SocketException)
        {
            // It is over.
        }
    }

    private void Serve(RawPeer connection)
    {
        using var _ = connection;
        var segments = 0L;
        try
        {
            while (connection.ReceiveMessage())
            {
                if (connection.Received.StartsWith("GET /readyz "u8) || connection.Received.StartsWith("GET / "u8))
                {
                    connection.Send(Alive);
                    continue;
                }

                _latest = connection;
                Interlocked.Add(ref _segments, connection.CountSegments() - segments);
                segments = connection.CountSegments();
                if (Pauses)
                    connection.Pause();
                CountOwn();
                connection.Send(connection.Received.StartsWith("POST /api/calendar/generate "u8) ? Opening : Page);
            }
        }
        catch (SocketException)
        {
            // The gateway broke off.
        }
    }

    private void CountOwn()
    {
        var now = GC.GetAllocatedBytesForCurrentThread();
        Interlocked.Add(ref _allocated, now - _counted);
        _counted = now;
    }
}
