using System.Security.Cryptography;

namespace ServiceDefaults.Correlation;

/// <summary>Random bytes that nobody can guess, fetched from the system a block at a time: each fetch is a system call.</summary>
internal static class RandomBlock
{
    private const int Length = 4096;

    [ThreadStatic]
    private static byte[]? _block;

    [ThreadStatic]
    private static int _used;

    /// <param name="bytes">At most 4,096. No byte of a block is given out twice.</param>
    public static void Fill(Span<byte> bytes)
    {
        if (_block is null || _used + bytes.Length > Length)
        {
            RandomNumberGenerator.Fill(_block ??= new byte[Length]);
            _used = 0;
        }

        var taken = _block.AsSpan(_used, bytes.Length);
        taken.CopyTo(bytes);
        taken.Clear();
        _used += bytes.Length;
    }
}
