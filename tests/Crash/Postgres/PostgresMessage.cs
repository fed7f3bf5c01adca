using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Crash.Postgres;

/// <summary>As much of PostgreSQL's wire protocol 3 as it takes to see a transaction end and the answer come back.</summary>
internal static class PostgresMessage
{
    private const int ProtocolVersion3 = 3 << 16;

    /// <param name="typed">Every message but the first begins with a byte that says what it is.</param>
    public static bool TryTake(ref ReadOnlySequence<byte> rest, bool typed, out ReadOnlySequence<byte> message)
    {
        message = default;
        var head = typed ? 1 : 0;
        if (rest.Length < head + sizeof(int))
            return false;
        var length = head + ReadInt32(rest.Slice(head));
        if (rest.Length < length)
            return false;
        message = rest.Slice(0, length);
        rest = rest.Slice(length);
        return true;
    }

    public static bool IsStartup(ReadOnlySequence<byte> message) => ReadInt32(message.Slice(sizeof(int))) == ProtocolVersion3;

    /// <summary>The text of a Query, or of a Parse.</summary>
    public static bool TryStatement(ReadOnlySequence<byte> message, out string statement)
    {
        statement = "";
        var type = message.FirstSpan[0];
        if (type is not ((byte)'Q' or (byte)'P'))
            return false;
        var body = Encoding.UTF8.GetString(message.Slice(1 + sizeof(int)));
        statement = type == 'Q' ? body.TrimEnd('\0') : body.Split('\0', 3)[1];
        return true;
    }

    /// <summary>ReadyForQuery outside of a transaction: the last one is on Postgres's disk, unless an error came before.</summary>
    public static bool IsIdle(ReadOnlySequence<byte> message) => message.FirstSpan[0] == 'Z' && message.Slice(1 + sizeof(int))
        .FirstSpan[0] == 'I';

    private static int ReadInt32(ReadOnlySequence<byte> bytes)
    {
        Span<byte> four = stackalloc byte[sizeof(int)];
        bytes.Slice(0, sizeof(int)).CopyTo(four);
        return BinaryPrimitives.ReadInt32BigEndian(four);
    }
}
