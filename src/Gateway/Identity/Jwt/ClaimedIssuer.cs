using System.Buffers;
using System.Text.Json;

namespace Gateway.Identity.Jwt;

/// <summary>
/// Whether a token that is not believed says that it is of our issuer. Read as forgivingly as anybody could: what may be meant for us is
/// refused, and only what is certainly somebody else's passes, to be judged by the backend.
/// </summary>
internal static class ClaimedIssuer
{
    public static bool Is(ReadOnlySpan<char> token, string issuer)
    {
        var first = token.IndexOf('.');
        if (first < 0)
            return false;
        var rest = token[(first + 1)..];
        var end = rest.IndexOf('.');
        var payload = end < 0 ? rest : rest[..end];
        var bytes = ArrayPool<byte>.Shared.Rent(payload.Length + 4);
        try
        {
            return TryDecode(payload, bytes, out var length) && Names(bytes.AsSpan(0, length), issuer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Either alphabet, with or without padding, blanks anywhere.</summary>
    private static bool TryDecode(ReadOnlySpan<char> payload, byte[] bytes, out int length)
    {
        var text = ArrayPool<char>.Shared.Rent(payload.Length + 4);
        try
        {
            var count = 0;
            foreach (var character in payload)
            {
                if (character != '=' && !char.IsWhiteSpace(character))
                    text[count++] = character switch { '-' => '+', '_' => '/', _ => character };
            }

            while (count % 4 != 0)
                text[count++] = '=';
            return Convert.TryFromBase64Chars(text.AsSpan(0, count), bytes, out length);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(text);
        }
    }

    private static bool Names(ReadOnlySpan<byte> json, string issuer)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { AllowTrailingCommas = true });
        try
        {
            var inIssuer = false;
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
                    inIssuer = reader.ValueTextEquals("iss"u8);
                else if (inIssuer && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(issuer))
                    return true;
            }
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // What was read until here is all that it says.
        }

        return false;
    }
}
