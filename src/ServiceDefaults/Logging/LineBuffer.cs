using System.Buffers;
using System.Globalization;
using System.Text;

namespace ServiceDefaults.Logging;

/// <summary>
/// One line while it is written: UTF-8, with JSON's escapes. <c>Utf8JsonWriter</c> escapes more than a reader of logs wants to see, and has
/// no say in how a number is written.
/// </summary>
internal sealed class LineBuffer
{
    private const int KeptAtMost = 64 * 1024;

    private static readonly SearchValues<char> NotAsIs =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Select(static c => (char)c), '"', '\\']);

    private byte[] _bytes = new byte[1024];
    private int _length;

    /// <summary>Where the line's message takes shape.</summary>
    public StringWriter Message { get; private set; } = new(CultureInfo.InvariantCulture);

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear()
    {
        _length = 0;
        Message.GetStringBuilder().Clear();
        if (_bytes.Length > KeptAtMost) // One long text is no reason to keep as much for ever.
            (_bytes, Message) = (new byte[1024], new(CultureInfo.InvariantCulture));
    }

    public void Raw(ReadOnlySpan<byte> json)
    {
        json.CopyTo(Room(json.Length));
        _length += json.Length;
    }

    /// <summary>Text that is JSON already, or has nothing to escape.</summary>
    public void Raw(ReadOnlySpan<char> text) => _length += Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetMaxByteCount(text.Length)));

    public void Raw<T>(T value, ReadOnlySpan<char> format = default)
        where T : IUtf8SpanFormattable
    {
        const int LongestNumberOrTime = 64;
        value.TryFormat(Room(LongestNumberOrTime), out var length, format, CultureInfo.InvariantCulture);
        _length += length;
    }

    /// <summary>A JSON string; only what JSON cannot hold is escaped.</summary>
    public void Text(ReadOnlySpan<char> text)
    {
        Raw("\""u8);
        Escaped(text);
        Raw("\""u8);
    }

    public void Escaped(ReadOnlySpan<char> text)
    {
        for (int clean; (clean = text.IndexOfAny(NotAsIs)) >= 0; text = text[(clean + 1)..])
        {
            Raw(text[..clean]);
            Escape(text[clean]);
        }

        Raw(text);
    }

    private void Escape(char character)
    {
        switch (character)
        {
            case '"':
                Raw("\\\""u8);
                break;
            case '\\':
                Raw("\\\\"u8);
                break;
            case '\n':
                Raw("\\n"u8);
                break;
            case '\r':
                Raw("\\r"u8);
                break;
            case '\f':
                Raw("\\f"u8);
                break;
            case '\t':
                Raw("\\t"u8);
                break;
            default:
                Raw("\\u"u8);
                Raw((int)character, "X4");
                break;
        }
    }

    private Span<byte> Room(int length)
    {
        if (_bytes.Length - _length < length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + length));
        return _bytes.AsSpan(_length);
    }
}
