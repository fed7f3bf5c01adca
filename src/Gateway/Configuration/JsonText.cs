using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace Gateway.Configuration;

/// <summary>
/// A file's bytes as a text that can be read: UTF-8 of whole characters. What is none is told and replaced, so that the rest of the file is
/// read all the same.
/// </summary>
internal sealed partial class JsonText
{
    private const int MostFaults = 20;

    private readonly List<(int At, string Value, string Expected)> _faults = [];

    private JsonText(byte[] bytes)
    {
        var wellFormed = Utf8.IsValid(bytes) ? bytes : ReplaceIllFormed(bytes);
        Bytes = ReplaceHalves(wellFormed);
        Lines = new(Bytes);
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    public TextLines Lines { get; }

    public bool IsEmpty => Bytes.Span.Trim(" \t\r\n"u8).IsEmpty;

    /// <summary>Where the word of letters begins that a byte stands in or after.</summary>
    public long StartOfWord(long at)
    {
        var before = Bytes.Span[..(int)Math.Min(at, Bytes.Length)];
        while (!before.IsEmpty && char.IsAsciiLetter((char)before[^1]))
            before = before[..^1];
        return before.Length;
    }

    /// <returns>Null when it is a text of another encoding.</returns>
    public static JsonText? Read(byte[] bytes, string file, List<ConfigFinding> all)
    {
        if (FindOtherEncoding(bytes) is { } other)
        {
            all.Add(new(file, "", other, "a text in UTF-8", Line: 1, Column: 1));
            return null;
        }

        // Some editors write a byte order mark; no editor counts it.
        return new(bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes[3..] : bytes);
    }

    /// <param name="places">Null when the text is no JSON.</param>
    public void ReportFaults(string file, JsonPlaces? places, List<ConfigFinding> all)
    {
        foreach (var (at, value, expected) in _faults.Take(MostFaults))
        {
            var place = Lines.PlaceOf(at);
            all.Add(new(file, places?.PathAt(at) ?? "", value, expected, FindingSeverity.Error, place.Line, place.Column));
        }

        if (_faults.Count > MostFaults)
            all.Add(new(file, "", $"{_faults.Count - MostFaults} more such places", "a text in UTF-8", Line: 1, Column: 1));
    }

    private static string? FindOtherEncoding(ReadOnlySpan<byte> text) => text switch
    {
        [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..] => "UTF-32",
        [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..] or [0, not 0, 0, not 0, ..] or [not 0, 0, not 0, 0, ..] => "UTF-16",
        _ => null,
    };

    private byte[] ReplaceIllFormed(ReadOnlySpan<byte> bytes)
    {
        var replaced = new ArrayBufferWriter<byte>(bytes.Length + 16);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out _, out var length) == OperationStatus.Done)
            {
                replaced.Write(bytes[..length]);
            }
            else
            {
                var octets = Convert.ToHexString(bytes[..length]);
                _faults.Add((replaced.WrittenCount, octets, "UTF-8: these bytes are no character in it"));
                replaced.Write("\uFFFD"u8);
            }

            bytes = bytes[length..];
        }

        return replaced.WrittenSpan.ToArray();
    }

    /// <summary>An escape of one half of a character, as \ud83d: JSON's grammar takes it, and no string can hold it.</summary>
    private byte[] ReplaceHalves(byte[] utf8)
    {
        if (utf8.AsSpan().IndexOf("\\u"u8) < 0)
            return utf8;
        // A character a byte, so that numbers of characters are those of bytes.
        var text = Encoding.Latin1.GetString(utf8);
        var replaced = (byte[])utf8.Clone();
        var escapes = Escape().Matches(text);
        for (var i = 0; i < escapes.Count; i++)
        {
            if (!IsHalf(escapes[i], '\uD800', '\uDBFF') && !IsHalf(escapes[i], '\uDC00', '\uDFFF'))
                continue;
            var next = i + 1 < escapes.Count && escapes[i + 1].Index == escapes[i].Index + escapes[i].Length ? escapes[i + 1] : null;
            if (IsHalf(escapes[i], '\uD800', '\uDBFF') && next is not null && IsHalf(next, '\uDC00', '\uDFFF'))
            {
                i++;
                continue;
            }

            _faults.Add((escapes[i].Index, escapes[i].Value, "a whole character: this is half of one"));
            "\\ufffd"u8.CopyTo(replaced.AsSpan(escapes[i].Index));
        }

        return replaced;
    }

    private static bool IsHalf(Match escape, char first, char last) =>
        escape.Length == 6 && (char)int.Parse(escape.ValueSpan[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) is var unit
        && unit >= first && unit <= last;

    // Each backslash with what it escapes, so that the second of two begins nothing.
    [GeneratedRegex(@"\\(u[0-9A-Fa-f]{4}|.)")]
    private static partial Regex Escape();
}
