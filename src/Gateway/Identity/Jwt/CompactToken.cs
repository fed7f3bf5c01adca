using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Gateway.Identity.Jwt;

/// <summary>
/// A JWS in compact serialisation, taken apart and not yet believed. Source: RFC 7515 sections 3.1 and 5.2. Nothing that a
/// second reader could read differently is accepted: no padding, no white space, no stray bits, no name twice.
/// </summary>
internal sealed class CompactToken
{
    public const int Longest = 16 * 1024;

    private static readonly SearchValues<char> Base64UrlAlphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private CompactToken(TokenHeader header, byte[] signingInput, byte[] payload, byte[] signature)
    {
        Header = header;
        SigningInput = signingInput;
        Payload = payload;
        Signature = signature;
    }

    public TokenHeader Header { get; }

    /// <summary>What is signed: the first two parts as they came, in ASCII.</summary>
    public ReadOnlyMemory<byte> SigningInput { get; }

    public ReadOnlyMemory<byte> Payload { get; }

    public ReadOnlyMemory<byte> Signature { get; }

    public static TokenFault TryParse(ReadOnlySpan<char> text, out CompactToken? token)
    {
        token = null;
        if (text.Length > Longest)
            return TokenFault.TooLong;
        var first = text.IndexOf('.');
        var last = text.LastIndexOf('.');
        if (first < 0 || first == last || text[(first + 1)..last].Contains('.'))
            return TokenFault.Malformed;
        if (!TryDecode(text[..first], out var headerBytes)
            || !TryDecode(text[(first + 1)..last], out var payload)
            || !TryDecode(text[(last + 1)..], out var signature))
        {
            return TokenFault.Malformed;
        }

        var fault = TokenHeader.TryParse(headerBytes, out var header);
        if (fault != TokenFault.None)
            return fault;
        token = new(header, Encoding.ASCII.GetBytes(text[..last].ToArray()), payload, signature);
        return TokenFault.None;
    }

    /// <summary>The framework's decoder refuses stray bits in the last character, but forgives padding and white space.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (text.ContainsAnyExcept(Base64UrlAlphabet) || text.Length % 4 == 1)
            return false;
        var decoded = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.DecodeFromChars(text, decoded, out _, out var length) != OperationStatus.Done)
            return false;
        bytes = length == decoded.Length ? decoded : decoded[..length];
        return true;
    }
}
