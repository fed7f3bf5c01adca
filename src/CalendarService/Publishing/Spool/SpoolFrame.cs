using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace CalendarService.Publishing.Spool;

internal enum SpoolPieceKind
{
    Record,

    /// <summary>It was whole once, or nobody can tell.</summary>
    Damaged,

    /// <summary>A write that never ended, so nobody was told that it is kept.</summary>
    Torn,
}

[StructLayout(LayoutKind.Auto)]
internal readonly record struct SpoolPiece(SpoolPieceKind Kind, int Offset, int Length);

/// <summary>
/// A record on disk: magic, length, CRC-32C of the payload, CRC-32C of these three, payload; little-endian. The header's
/// own checksum tells a flipped length, which is damage, from a length beyond the end, which is a torn write.
/// </summary>
internal static class SpoolFrame
{
    public const int HeaderBytes = 16;

    private const uint Magic = 0x4C505343;

    public static byte[] Wrap(ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderBytes + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(8), Checksum(payload));
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(12), Checksum(frame.AsSpan(0, 12)));
        payload.CopyTo(frame.AsSpan(HeaderBytes));
        return frame;
    }

    public static bool IsWhole(ReadOnlySpan<byte> frame) =>
        TryHeader(frame, out var length) && frame.Length == HeaderBytes + (long)length && PayloadIsWhole(frame);

    /// <summary>Every byte of a file, in order, as records and what lies between them.</summary>
    public static IReadOnlyList<SpoolPiece> Scan(ReadOnlySpan<byte> file)
    {
        var pieces = new List<SpoolPiece>();
        for (var at = 0; at < file.Length; at += pieces[^1].Length)
            pieces.Add(Next(file[at..], at));
        return pieces;
    }

    private static SpoolPiece Next(ReadOnlySpan<byte> rest, int at)
    {
        // Some file systems lengthen a file before they fill it.
        if (rest.Length < HeaderBytes || !rest.ContainsAnyExcept((byte)0))
            return new(SpoolPieceKind.Torn, at, rest.Length);
        if (!TryHeader(rest, out var length))
            return new(SpoolPieceKind.Damaged, at, NextHeader(rest));
        if (HeaderBytes + (long)length > rest.Length)
            return new(SpoolPieceKind.Torn, at, rest.Length);
        var frame = rest[..(HeaderBytes + length)];
        return new(PayloadIsWhole(frame) ? SpoolPieceKind.Record : SpoolPieceKind.Damaged, at, frame.Length);
    }

    private static int NextHeader(ReadOnlySpan<byte> rest)
    {
        for (var at = 1; at <= rest.Length - HeaderBytes; at++)
        {
            if (TryHeader(rest[at..], out _))
                return at;
        }

        return rest.Length;
    }

    private static bool TryHeader(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        if (bytes.Length < HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) != Checksum(bytes[..12]))
            return false;
        length = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        return length >= 0;
    }

    private static bool PayloadIsWhole(ReadOnlySpan<byte> frame) =>
        BinaryPrimitives.ReadUInt32LittleEndian(frame[8..]) == Checksum(frame[HeaderBytes..]);

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            crc = BitOperations.Crc32C(crc, word);
        foreach (var one in bytes[(bytes.Length & ~7)..])
            crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }
}
