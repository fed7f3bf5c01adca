using System.Buffers;
using System.Buffers.Text;

namespace Gateway.Identity.Jwt;

/// <summary>
/// Base64url with one text for each value. The framework's decoder refuses stray bits, but forgives padding and white space.
/// </summary>
internal static class StrictBase64
{
    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <param name="bytes">At least as long as the text.</param>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes, out int length)
    {
        length = 0;
        return !text.ContainsAnyExcept(Alphabet) && text.Length % 4 != 1
            && Base64Url.DecodeFromChars(text, bytes, out _, out length) == OperationStatus.Done;
    }

    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        var decoded = new byte[text.Length];
        bytes = TryDecode(text, decoded, out var length) ? decoded[..length] : [];
        return length > 0 || text.IsEmpty;
    }
}
