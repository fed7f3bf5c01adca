using System.Runtime.InteropServices;

namespace Gateway.Configuration;

/// <summary>A place in a text, as editors count: from 1, in characters, a tab is one.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TextPlace(int Line, int Column);

/// <summary>Finds places in a text by the number of their byte.</summary>
internal sealed class TextLines(ReadOnlyMemory<byte> utf8)
{
    private const byte Continuation = 0b1000_0000;
    private const byte ContinuationMask = 0b1100_0000;

    private readonly List<int> _starts = FindStarts(utf8.Span);

    public TextPlace PlaceOf(long offset)
    {
        var at = (int)Math.Min(offset, utf8.Length);
        var found = _starts.BinarySearch(at);
        var line = found >= 0 ? found : ~found - 1;
        var column = 1;
        foreach (var octet in utf8.Span[_starts[line]..at])
        {
            if ((octet & ContinuationMask) != Continuation)
                column++;
        }

        return new(line + 1, column);
    }

    /// <summary>The number of a byte, as System.Text.Json names it.</summary>
    public long OffsetOf(long line, long byteInLine) => _starts[(int)Math.Min(line, _starts.Count - 1)] + byteInLine;

    private static List<int> FindStarts(ReadOnlySpan<byte> text)
    {
        List<int> starts = [0];
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == (byte)'\n')
                starts.Add(i + 1);
        }

        return starts;
    }
}
