using System.Buffers;
using System.Globalization;

namespace CalendarService.Texts;

/// <param name="Bare">Without a scheme: <c>shop.example.com/a</c>.</param>
internal readonly record struct WebAddress(int Start, int Length, bool Bare)
{
    public int End => Start + Length;

    public string In(string text) => text.Substring(Start, Length);
}

/// <summary>
/// The web addresses in a running text, with or without a scheme, as twitter-text finds them: it ends one before the punctuation,
/// the closing quote or the other script that follows it. Held to its published conformance data.
/// </summary>
internal static class WebAddresses
{
    private const int LongestAddress = 4_096;
    private const int LongestLabel = 63;
    private const int LongestShortPath = 40;
    private const string Shortener = "t.co/";

    private static readonly IdnMapping Idn = new();

    private static readonly SearchValues<char> ShortPath =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    public static IReadOnlyList<WebAddress> Find(string text, AddressGrammar grammar)
    {
        var found = new List<WebAddress>();
        var lastDot = text.LastIndexOf('.'); // One is in every address, but for hosts such as localhost, which nobody links.
        if (lastDot < 0)
            return found;
        var hosts = new KnownHosts(text);
        for (var at = 0; at < lastDot; at++)
        {
            if ((at > 0 && !MayPrecede(text[at - 1])) || AddressMatch.Find(text, hosts, at, grammar) is not { } match)
                continue;
            Take(text, match, found);
            at = match.End; // The next one begins after another character.
        }

        return found;
    }

    /// <summary>Whether the text has the link already: as an address of its own, not as the beginning of another one.</summary>
    public static bool Has(string text, string link) =>
        Find(text, AddressGrammar.AnyWeb).Any(address => !address.Bare && AreSame(address.In(text), link)) || HasVerbatim(text, link);

    /// <summary>Scheme and host in any case, the default port and a slash at the end make no difference.</summary>
    public static bool AreSame(string one, string other) =>
        one == other || (Canonical(one) is { } a && Canonical(other) is { } b && a == b);

    private static string? Canonical(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri)
        ? $"{uri.Scheme}://{uri.IdnHost.ToLowerInvariant()}:{uri.Port}{uri.AbsolutePath.TrimEnd('/')}{uri.Query}{uri.Fragment}"
        : null;

    // A link may have characters with which no address in a text goes on: then it is there when it is between two blanks or the like.
    private static bool HasVerbatim(string text, string link)
    {
        if (Find(link, AddressGrammar.AnyWeb) is [{ Start: 0 } whole] && whole.Length == link.Length)
            return false;
        for (var at = text.IndexOf(link, StringComparison.Ordinal); link.Length > 0 && at >= 0;
            at = text.IndexOf(link, at + 1, StringComparison.Ordinal))
        {
            var end = at + link.Length;
            if ((at == 0 || !ContinuesAddress(text[at - 1])) && (end == text.Length || !ContinuesAddress(text[end])))
                return true;
        }

        return false;
    }

    private static bool ContinuesAddress(char c) => AddressGrammar.Mastodon.IsPath(c) || c == '?';

    private static void Take(string text, AddressMatch match, List<WebAddress> found)
    {
        if (!IsValid(text, match))
            return;
        if (match.HasScheme)
        {
            if (Shorten(text, match) is { } length)
                found.Add(new(match.Start, length, Bare: false));
        }
        else if (match.Start == 0 || !"-_./".Contains(text[match.Start - 1]))
        {
            // Of a host with other scripts in it only the part that is typed in Latin letters is linked.
            var hosts = LatinHosts(text, match.Start, match.HostEnd);
            foreach (var (start, length) in hosts.SkipLast(1))
                found.Add(new(start, length, Bare: true));
            if (hosts.Count > 0)
            {
                var (start, length) = hosts[^1];
                found.Add(new(start, match.HasPath ? match.End - start : length, Bare: true));
            }
        }
    }

    private static bool MayPrecede(char c) => !(char.IsAsciiLetterOrDigit(c) || "@＠$#＃\uFFFE\uFEFF\uFFFF".Contains(c));

    private static bool IsValid(string text, AddressMatch match)
    {
        var host = text[match.HostStart..match.HostEnd];
        if (host.StartsWith("xn--", StringComparison.Ordinal) && host.Any(c => c > '\u007F'))
            return false;
        var encoded = 0;
        foreach (var label in host.Trim('[', ']').Split('.'))
        {
            if (EncodedLength(label) is not { } length || length is 0 or > LongestLabel)
                return false;
            encoded += length + 1;
        }

        var scheme = match.HasScheme ? 0 : "https://".Length;
        return scheme + match.End - match.Start - host.Length + encoded - 1 <= LongestAddress;
    }

    private static int? EncodedLength(string label)
    {
        if (label.All(char.IsAscii))
            return label.Length;
        try
        {
            return Idn.GetAscii(label).Length;
        }
        catch (ArgumentException)
        {
            return null; // Longer than a label may be.
        }
    }

    // X's own short addresses end where its code ends.
    private static int? Shorten(string text, AddressMatch match)
    {
        var rest = text.AsSpan(match.HostStart, match.End - match.HostStart);
        if (!rest.StartsWith(Shortener, StringComparison.OrdinalIgnoreCase))
            return match.End - match.Start;
        var code = rest[Shortener.Length..].IndexOfAnyExcept(ShortPath);
        code = code < 0 ? rest.Length - Shortener.Length : code;
        if (code == 0)
            return match.End - match.Start;
        if (code > LongestShortPath)
            return null;
        var end = match.HostStart + Shortener.Length + code;
        return (end == match.QueryStart ? match.End : end) - match.Start;
    }

    private static List<(int Start, int Length)> LatinHosts(string text, int start, int end)
    {
        var hosts = new List<(int, int)>();
        for (var at = start; at < end;)
        {
            if (LatinHostEnd(text, at, end) is { } hostEnd)
            {
                hosts.Add((at, hostEnd - at));
                at = hostEnd;
            }
            else
            {
                at++;
            }
        }

        return hosts;
    }

    // The most labels after which a top level follows.
    private static int? LatinHostEnd(string text, int start, int end)
    {
        int? hostEnd = null;
        for (var label = start; ;)
        {
            var dot = label;
            while (dot < end && (char.IsAsciiLetterOrDigit(text[dot]) || text[dot] == '-' || AddressGrammar.IsLatin(text[dot])))
                dot++;
            if (dot == label || dot >= end || text[dot] != '.')
                return hostEnd;
            label = dot + 1;
            if (TopLevels.LengthAt(text, label) is > 0 and var length && label + length <= end)
                hostEnd = label + length;
        }
    }
}
