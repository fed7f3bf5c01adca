using System.Buffers;
using Gateway.Exchanges;

namespace Gateway.Identity.Jwt;

/// <summary>
/// A JWS in compact serialisation (RFC 7515 section 3.1) in the one form that every reader reads alike: no padding, no white space,
/// no stray bits, no name twice. It is not yet believed. The library that verifies it forgives most of what is refused here.
/// </summary>
/// <param name="Text">The token as it came, which is what the library verifies.</param>
/// <param name="Caller">Whom it names, if its signature and its claims hold.</param>
/// <param name="IsOfOurIssuer">It says so.</param>
internal sealed record PresentedToken(string Text, TokenHeader Header, Caller Caller, bool IsOfOurIssuer)
{
    public const int Longest = 16 * 1024;

    /// <returns>Null when the token is there.</returns>
    public static TokenFault? TryParse(ReadOnlySpan<char> text, JwtOptions options, DateTimeOffset now, out PresentedToken? token)
    {
        token = null;
        if (text.Length > Longest)
            return TokenFault.TooLong;
        Span<Range> parts = stackalloc Range[4];
        if (text.Split(parts, '.') != 3)
            return TokenFault.Malformed;
        var buffer = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            if (ReadHeader(text[parts[0]], buffer, out var header) is { } headerFault)
                return headerFault;
            if (ReadClaims(text[parts[1]], buffer, options, now, out var caller, out var ours) is { } claimsFault)
                return claimsFault;
            if (!StrictBase64.TryDecode(text[parts[2]], buffer, out _))
                return TokenFault.Malformed;
            token = new(text.ToString(), header, caller, ours);
            return null;
        }
        catch (InvalidOperationException)
        {
            return TokenFault.Malformed; // A string with half a surrogate pair.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static TokenFault? ReadHeader(ReadOnlySpan<char> part, byte[] buffer, out TokenHeader header)
    {
        header = default;
        if (!StrictBase64.TryDecode(part, buffer, out var length))
            return TokenFault.Malformed;
        var fault = StrictJson.TryParse(buffer.AsMemory(0, length), out var json);
        using (json)
            return fault ?? TokenHeader.TryRead(json!.RootElement, out header);
    }

    private static TokenFault? ReadClaims(
        ReadOnlySpan<char> part, byte[] buffer, JwtOptions options, DateTimeOffset now, out Caller caller, out bool ofOurIssuer)
    {
        (caller, ofOurIssuer) = (Caller.Anonymous, false);
        if (!StrictBase64.TryDecode(part, buffer, out var length))
            return TokenFault.Malformed;
        var fault = StrictJson.TryParse(buffer.AsMemory(0, length), out var json);
        using (json)
        {
            ofOurIssuer = fault is null && TokenClaims.NamesIssuer(json!.RootElement, options.Issuer!);
            return fault ?? TokenClaims.TryRead(json!.RootElement, options, now, out caller);
        }
    }
}
