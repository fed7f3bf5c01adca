using System.Text;
using System.Text.Unicode;

namespace Gateway.Exchanges;

/// <summary>
/// The headers that name the caller. Headers cross the gateway byte for byte, a character a byte; a user's id and groups are read as
/// UTF-8, because they are compared with those in <c>rollout.json</c>.
/// </summary>
internal static class CallerHeaders
{
    public const string User = "X-User-Id";
    public const string Groups = "X-User-Groups";

    /// <summary>Null when the bytes are not UTF-8: two different ids must not become one.</summary>
    public static string? Decode(string? value)
    {
        if (value is null || Ascii.IsValid(value))
            return value;
        var bytes = Encoding.Latin1.GetBytes(value);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : null;
    }

    public static string? Encode(string? text) =>
        text is null || Ascii.IsValid(text) ? text : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
