using System.Buffers.Binary;

namespace Gateway.Streams;

/// <summary>
/// Where frames begin and end in one direction of a WebSocket, however the bytes are split. Payloads are skipped, never kept.
/// Source: RFC 6455 section 5.2.
/// </summary>
internal sealed class WebSocketFrames
{
    private const int LongestHead = 14;
    private const byte Close = 8;

    private readonly byte[] _head = new byte[LongestHead];
    private int _headLength;
    private ulong _payloadLeft;

    /// <summary>A frame of ours may follow here.</summary>
    public bool AtBoundary => _headLength == 0 && _payloadLeft == 0;

    /// <summary>A close frame has passed; nothing may follow it.</summary>
    public bool Closed { get; private set; }

    /// <returns>How many of these bytes belong to frames that have ended; 0 when none ends within them.</returns>
    public int Observe(ReadOnlySpan<byte> bytes)
    {
        var (at, whole) = (0, 0);
        while (at < bytes.Length)
        {
            if (_payloadLeft > 0)
            {
                var skipped = (int)Math.Min(_payloadLeft, (ulong)(bytes.Length - at));
                _payloadLeft -= (ulong)skipped;
                at += skipped;
            }
            else
            {
                _head[_headLength++] = bytes[at++];
                if (_headLength == HeadLength())
                    EndHead();
            }

            if (AtBoundary)
                whole = at;
        }

        return whole;
    }

    private int HeadLength() => _headLength < 2 ? 2 : 2 + (_head[1] >> 7) * 4 + (_head[1] & 0x7f) switch { 126 => 2, 127 => 8, _ => 0 };

    private void EndHead()
    {
        Closed |= (_head[0] & 0xf) == Close;
        _payloadLeft = (_head[1] & 0x7f) switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(_head.AsSpan(2)),
            127 => BinaryPrimitives.ReadUInt64BigEndian(_head.AsSpan(2)),
            var length => (ulong)length,
        };
        _headLength = 0;
    }
}
