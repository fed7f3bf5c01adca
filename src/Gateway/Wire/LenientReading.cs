using System.Globalization;
using System.Text;

namespace Gateway.Wire;

/// <summary>
/// A path as the most forgiving backend would read it: decoded until nothing is left to decode, backslashes as slashes, path
/// parameters dropped, slashes merged. It never travels; routing is asked about it, because a path that is one route for us
/// and another for a backend is a way around the route's flag.
/// </summary>
internal sealed record LenientReading(string Path, bool HasDotSegments)
{
    private const int MostEncodings = 4;

    public static WireFault TryRead(ReadOnlySpan<char> raw, out LenientReading? reading)
    {
        reading = null;
        var bytes = Encoding.ASCII.GetBytes(raw.ToArray());
        for (var round = 0; Array.IndexOf(bytes, (byte)'%') >= 0; round++)
        {
            if (round == MostEncodings)
                return WireFault.AmbiguousPath;
            if (!TryDecode(bytes, strict: round == 0, out var decoded))
                return WireFault.RequestTarget;
            if (decoded.Length == bytes.Length)
                break; // The percent signs that are left stand for themselves.
            bytes = decoded;
        }

        var path = WithoutParameters(Encoding.UTF8.GetString(bytes).Replace('\\', '/'));
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var dots = Array.Exists(segments, s => s is "." or "..");
        reading = new("/" + string.Join('/', segments) + (path.EndsWith('/') && segments.Length > 0 ? "/" : ""), dots);
        return WireFault.None;
    }

    /// <param name="strict">A percent sign without two digits is an error, as it is in what came from the wire.</param>
    private static bool TryDecode(ReadOnlySpan<byte> text, bool strict, out byte[] decoded)
    {
        decoded = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var value = text[i];
            if (value == '%')
            {
                if (i + 2 < text.Length
                    && byte.TryParse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var digits))
                {
                    value = digits;
                    i += 2;
                }
                else if (strict)
                {
                    return false;
                }
            }

            // A control character, or a continuation byte that makes an overlong form: "%C0%AF" is a slash to a lax decoder.
            if (value is < 0x20 or 0x7f || (length > 0 && IsOverlong(decoded[length - 1], value)))
                return false;
            decoded[length++] = value;
        }

        Array.Resize(ref decoded, length);
        return true;
    }

    private static bool IsOverlong(byte lead, byte next) => lead switch
    {
        0xc0 or 0xc1 => next is >= 0x80 and <= 0xbf,
        0xe0 => next is >= 0x80 and <= 0x9f,
        0xf0 => next is >= 0x80 and <= 0x8f,
        _ => false,
    };

    private static string WithoutParameters(string path)
    {
        if (!path.Contains(';'))
            return path;
        var segments = path.Split('/');
        for (var i = 0; i < segments.Length; i++)
            segments[i] = segments[i].Split(';', 2)[0];
        return string.Join('/', segments);
    }
}
