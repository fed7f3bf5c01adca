using System.Buffers;
using System.Buffers.Binary;
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

    private byte[] _bytes = new byte[1024];
    private int _length;

    /// <summary>Where the line's message takes shape.</summary>
    public StringWriter Message { get; private set; } = new(CultureInfo.InvariantCulture);

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear()
    {
        _length = 0;
        Message.GetStringBuilder().Clear();
        if (_bytes.Length > KeptAtMost) // A single long text must not keep its memory for as long as its thread lives.
            (_bytes, Message) = (new byte[1024], new(CultureInfo.InvariantCulture));
    }

    public void WriteRaw(ReadOnlySpan<byte> json)
    {
        json.CopyTo(Reserve(json.Length));
        _length += json.Length;
    }

    /// <summary>Text that is JSON already, or has nothing to escape.</summary>
    public void WriteRaw(ReadOnlySpan<char> text) =>
        _length += Encoding.UTF8.GetBytes(text, Reserve(Encoding.UTF8.GetMaxByteCount(text.Length)));

    public void WriteRaw<T>(T value, ReadOnlySpan<char> format = default)
        where T : IUtf8SpanFormattable
    {
        const int LongestNumberOrTime = 64;
        value.TryFormat(Reserve(LongestNumberOrTime), out var length, format, CultureInfo.InvariantCulture);
        _length += length;
    }

    /// <summary>Sixteen digits.</summary>
    public void WriteHex(ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        Convert.TryToHexStringLower(bytes, Reserve(bytes.Length * 2), out var length);
        _length += length;
    }

    /// <summary>A number with up to three decimals, which costs a fraction of what a <c>double</c> does.</summary>
    public void WriteMilliseconds(TimeSpan time)
    {
        var microseconds = (time.Ticks + (TimeSpan.TicksPerMicrosecond / 2)) / TimeSpan.TicksPerMicrosecond;
        var (whole, rest) = Math.DivRem(microseconds, 1000);
        WriteRaw(whole);
        if (rest == 0)
            return;
        ReadOnlySpan<byte> decimals = [(byte)'.', Digit(rest / 100), Digit(rest / 10 % 10), Digit(rest % 10)];
        WriteRaw(decimals.TrimEnd((byte)'0'));

        static byte Digit(long value) => (byte)('0' + value);
    }

    /// <summary>JSON of somebody else's making: what it leaves as it is and a line may not hold can only stand in its strings.</summary>
    public void WriteJson(ReadOnlySpan<char> json) => WriteEscaped(json, TerminalCharacters.BeyondJson);

    /// <summary>A JSON string; only what JSON, or a terminal, cannot hold is escaped.</summary>
    public void WriteText(ReadOnlySpan<char> text)
    {
        WriteRaw("\""u8);
        WriteEscaped(text);
        WriteRaw("\""u8);
    }

    public void WriteEscaped(ReadOnlySpan<char> text) => WriteEscaped(text, TerminalCharacters.NeverInAString);

    private void WriteEscaped(ReadOnlySpan<char> text, SearchValues<char> escaped)
    {
        for (int clean; (clean = text.IndexOfAny(escaped)) >= 0; text = text[(clean + 1)..])
        {
            WriteRaw(text[..clean]);
            WriteEscape(text[clean]);
        }

        WriteRaw(text);
    }

    private void WriteEscape(char character)
    {
        switch (character)
        {
            case '"':
                WriteRaw("\\\""u8);
                break;
            case '\\':
                WriteRaw("\\\\"u8);
                break;
            case '\n':
                WriteRaw("\\n"u8);
                break;
            case '\r':
                WriteRaw("\\r"u8);
                break;
            case '\f':
                WriteRaw("\\f"u8);
                break;
            case '\t':
                WriteRaw("\\t"u8);
                break;
            default:
                WriteRaw("\\u"u8);
                WriteRaw((int)character, "X4");
                break;
        }
    }

    private Span<byte> Reserve(int length)
    {
        if (_bytes.Length - _length < length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + length));
        return _bytes.AsSpan(_length);
    }
}
