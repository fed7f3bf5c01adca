using System.Text;
using System.Text.Unicode;

namespace Gateway.Identity;

/// <summary>
/// Headers cross the gateway byte for byte, a character a byte. A user's id and groups are read as UTF-8, because they are compared
/// with those in <c>rollout.json</c>.
/// </summary>
internal static class IdentityText
{
    /// <summary>Null when the bytes are not UTF-8: two different ids must not become one.</summary>
    public static string? FromHeader(string? value)
    {
        if (value is null || Ascii.IsValid(value))
            return value;
        var bytes = Encoding.Latin1.GetBytes(value);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : null;
    }

    public static string? ToHeader(string? text) =>
        text is null || Ascii.IsValid(text) ? text : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
