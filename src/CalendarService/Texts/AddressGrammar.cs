namespace CalendarService.Texts;

/// <summary>Which characters of a running text belong to a web address. The networks do not agree.</summary>
/// <param name="Schemes">Those that may begin one.</param>
/// <param name="AnyHost">Also hosts under a top level that twitter-text does not know, and IP addresses.</param>
/// <param name="IsPath">A character of a path, balanced parentheses aside.</param>
/// <param name="EndsPath">One that a path may end with.</param>
internal sealed record AddressGrammar(
    IReadOnlyList<string> Schemes, bool AnyHost, Func<char, bool> IsPath, Func<char, bool> EndsPath, Func<char, bool> IsQuery,
    Func<char, bool> EndsQuery)
{
    private static readonly string[] Web = ["https", "http"];

    /// <summary>twitter-text 3.1.0 (https://github.com/twitter/twitter-text at 30e2430, looked up 2026-11-26).</summary>
    public static readonly AddressGrammar X = new(
        Web, AnyHost: false, IsXPath,
        c => char.IsAsciiLetterOrDigit(c) || "+-=_#/".Contains(c) || IsLatin(c) || IsCyrillic(c),
        c => char.IsAsciiLetterOrDigit(c) || "!?*'@();:&=+$/%#[]-_.,~|".Contains(c),
        c => char.IsAsciiLetterOrDigit(c) || "-_&=#/".Contains(c));

    /// <summary>
    /// Mastodon widens twitter-text's paths and queries (https://github.com/mastodon/mastodon, config/initializers/twitter_regex.rb,
    /// read 2026-11-26 in a stored version of unknown age).
    /// </summary>
    public static readonly AddressGrammar Mastodon = new(
        [.. Web, "dat", "dweb", "ipfs", "ipns", "ssb", "gopher", "gemini"], AnyHost: false,
        c => !char.IsWhiteSpace(c) && !"<>()?".Contains(c),
        c => !char.IsWhiteSpace(c) && !"()?!*\"'「」<>;:=,.$%[]~&|@".Contains(c),
        c => char.IsAsciiLetterOrDigit(c) || "!?*'();:&=+$/%#[]-_.,~|@^".Contains(c) || IsUnicodeOfUrls(c),
        c => char.IsAsciiLetterOrDigit(c) || "_&=#/-".Contains(c) || IsUnicodeOfUrls(c));

    /// <summary>What a person takes for an address: it ends as X ends it, whatever its host is called.</summary>
    public static readonly AddressGrammar AnyWeb = X with { AnyHost = true };

    /// <summary>Latin letters with accents, also as marks of their own.</summary>
    public static bool IsLatin(char c) => c is (>= '\u00C0' and <= '\u024F' and not ('\u00D7' or '\u00F7'))
        or '\u0253' or '\u0254' or '\u0256' or '\u0257' or '\u0259' or '\u025B' or '\u0263' or '\u0268' or '\u026F' or '\u0272'
        or '\u0289' or '\u028B' or '\u02BB' or (>= '\u0300' and <= '\u036F') or (>= '\u1E00' and <= '\u1EFF');

    private static bool IsXPath(char c) =>
        char.IsAsciiLetterOrDigit(c) || "!*';:=+,.$/%#[]-–_~@|&".Contains(c) || IsLatin(c) || IsCyrillic(c);

    private static bool IsCyrillic(char c) => c is >= '\u0400' and <= '\u04FF';

    private static bool IsUnicodeOfUrls(char c) =>
        c is >= '\u00A0' and not ((>= '\uFDD0' and <= '\uFDEF') or (>= '\uFFF0' and <= '\uFFFF'));
}
