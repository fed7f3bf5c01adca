using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace CalendarService.Generation.Writers;

/// <summary>
/// The text of JSON strings that come in pieces. System.Text.Json refuses a string with half of a surrogate pair or of a UTF-8 character,
/// which is what a server sends that cuts between tokens; here the half stays, and the next piece completes it.
/// </summary>
internal sealed class JsonText
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    public static string ReadWhole(JsonElement value) => new JsonText().Read(value);

    /// <param name="value">Of kind string.</param>
    /// <returns>UTF-16 that may begin or end with half of a pair.</returns>
    public string Read(JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value)[1..^1];
        var text = new StringBuilder(raw.Length);
        while (raw.Length > 0)
        {
            var plain = raw.IndexOf((byte)'\\') is var escape and >= 0 ? escape : raw.Length;
            Decode(raw[..plain], plain < raw.Length, text);
            raw = raw[plain..];
            if (raw.Length > 0)
                raw = raw[Unescape(raw, text)..];
        }

        return text.ToString();
    }

    /// <summary>Not TryGetProperty, which is refused where any name has half of a surrogate pair.</summary>
    public static JsonElement? Member(JsonElement holder, string name)
    {
        if (holder.ValueKind is not JsonValueKind.Object)
            return null;
        foreach (var member in holder.EnumerateObject())
        {
            if (NameOf(member) == name)
                return member.Value;
        }

        return null;
    }

    public static string NameOf(JsonProperty member) => Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(member));

    /// <summary>Without halves of surrogate pairs, which no encoding can store.</summary>
    public static string WithoutHalves(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return text;
        var whole = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                whole.Append(text[i]).Append(text[++i]);
            else if (!char.IsSurrogate(text[i]))
                whole.Append(text[i]);
        }

        return whole.ToString();
    }

    private void Decode(ReadOnlySpan<byte> bytes, bool flush, StringBuilder text)
    {
        var chars = new char[_decoder.GetCharCount(bytes, flush)];
        text.Append(chars, 0, _decoder.GetChars(bytes, chars, flush));
    }

    // The reader of the JSON has seen to it that every escape is whole.
    private static int Unescape(ReadOnlySpan<byte> escape, StringBuilder text)
    {
        if (escape[1] == 'u')
        {
            text.Append((char)ushort.Parse(escape[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            return 6;
        }

        text.Append((char)escape[1] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', var c => c });
        return 2;
    }
}
