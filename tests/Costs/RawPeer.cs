using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net.Sockets;

namespace Costs;

/// <summary>One end of a connection, in blocking calls on buffers of its own: nothing here allocates after the first message.</summary>
internal sealed class RawPeer : IDisposable
{
    private const int TcpInfoOption = 11;

    /// <summary>Where <c>tcpi_data_segs_in</c> stands in Linux's <c>struct tcp_info</c> (linux/tcp.h).</summary>
    private const int DataSegmentsIn = 152;

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly byte[] _info = new byte[DataSegmentsIn + sizeof(uint)];
    private int _length;

    public RawPeer(Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true;
    }

    public ReadOnlySpan<byte> Received => _buffer.AsSpan(0, _length);

    public void Send(ReadOnlySpan<byte> bytes) => _socket.Send(bytes);

    /// <returns>False when the other side closed before a message began; <see cref="Received"/> is the message.</returns>
    public bool ReceiveMessage()
    {
        _length = 0;
        int head;
        while ((head = Received.IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!ReceiveMore())
                return false;
        }

        var whole = head + 4 + ReadContentLength(Received[..head]);
        while (_length < whole && ReceiveMore())
        {
            // The rest of the body.
        }

        return _length == whole ? true : throw new InvalidOperationException("A message ended early, or another one follows it.");
    }

    public void ReceiveThrough(ReadOnlySpan<byte> end)
    {
        _length = 0;
        while (!Received.EndsWith(end))
        {
            if (!ReceiveMore())
                throw new InvalidOperationException("The stream ended.");
        }
    }

    /// <summary>
    /// Leaves the other side the time to get to where it waits for bytes: how much it allocates depends on whether it has to wait.
    /// </summary>
    public void Pause()
    {
        if (_socket.Poll(microSeconds: 1000, SelectMode.SelectRead))
            throw new InvalidOperationException("Bytes came when nobody had asked, or the connection was closed.");
    }

    /// <summary>Segments with data that arrived so far, by the kernel's count: what one send call wrote, up to 64 KiB.</summary>
    public long CountSegments()
    {
        _socket.GetRawSocketOption((int)SocketOptionLevel.Tcp, TcpInfoOption, _info);
        return BinaryPrimitives.ReadUInt32LittleEndian(_info.AsSpan(DataSegmentsIn));
    }

    public void Dispose() => _socket.Dispose();

    private bool ReceiveMore()
    {
        var read = _socket.Receive(_buffer.AsSpan(_length));
        _length += read;
        return read > 0;
    }

    private static int ReadContentLength(ReadOnlySpan<byte> head)
    {
        var name = "\r\nContent-Length: "u8;
        var at = head.IndexOf(name);
        return at >= 0 && Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _) ? length : 0;
    }
}
