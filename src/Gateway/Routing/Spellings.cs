using System.Buffers;
using System.Text.RegularExpressions;
using Gateway.Configuration;
using static Gateway.Configuration.JsonShape;

namespace Gateway.Routing;

/// <summary>
/// How names and addresses are written in <c>gateway.json</c>. YARP takes more, and what it takes fails every probe, every request or
/// nothing at all, without a word.
/// </summary>
internal static partial class Spellings
{
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>A name as HTTP has it, for editors.</summary>
    public const string TokenPattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";

    private const string HostNamePattern =
        @"^([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(?!\n)$";

    private const string AddressPattern =
        @"^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#@\\]*[^\s/?#@\\:](/([!""$&->@-\[\]-~]|%[0-9A-Fa-f]{2})*)?$";

    /// <summary>Of a backend or a health check: what YARP would drop, or what no request could carry, may not stand in it.</summary>
    public static JsonShape Address { get; } = TextThat(
        "an absolute http:// or https:// URL: host, port and path in ASCII, without user, query or fragment", IsAddress, AddressPattern);

    public static JsonShape ProxyAddress { get; } = TextThat("an http:// or https:// URL of a host and a port", text =>
        IsAddress(text) && new Uri(text).AbsolutePath == "/", @"^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#@\\]*[^\s/?#@\\:]/?$");

    /// <summary>As the <c>Host</c> header carries it.</summary>
    public static JsonShape HostHeader { get; } =
        TextThat("a host's name or address, with a port if need be, as shop.example:8080", text =>
            HostName().IsMatch(text) && HasPort(text), HostNamePattern);

    /// <summary>As the framework's matcher reads it; it cannot match IPv6 addresses.</summary>
    public static JsonShape MatchedHost { get; } =
        TextThat("a host as shop.example, *.example or shop.example:8080, without scheme and path", text =>
            HostPattern().IsMatch(text) && HasPort(text), @"^(\*|(\*\.)?[^\s/?#@:*.\[\]]+(\.[^\s/?#@:*.\[\]]+)*)(:([0-9]{1,5}|\*))?$");

    public static JsonShape HeaderName { get; } = TextThat("a header's name: letters, digits and dashes, no blanks", IsToken, TokenPattern);

    /// <summary>Kestrel cuts blanks off a value before anybody compares it.</summary>
    public static JsonShape HeaderValue { get; } = TextThat("a header's value: no control characters, no blanks around it", text =>
        text.Length > 0 && text.Trim().Length == text.Length && !text.Any(char.IsControl),
        @"^[^\s\u0000-\u001f\u007f-\u009f]([^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f])?$");

    public static JsonShape ProbePath { get; } =
        Matching("a path that begins with /, without query and fragment", @"^/[!""$->@-\[\]-~]*$");

    public static JsonShape ProbeQuery { get; } = Matching("a query that begins with ?", @"^\?[!""$-~]*$");

    /// <summary>Ids of routes and clusters: labels of metrics; a cluster's is a header's value and a word of <c>Fallback</c>.</summary>
    public static JsonShape MapById(JsonShape value, params string[] taken) => Map(
        value, "a name of 1 to 100 ASCII characters without blanks, commas, colons, quotes and backslashes"
            + (taken.Length == 0 ? "" : $", and not {string.Join(" or ", taken)}"), @"^[!#-+.-9;-\[\]-~-]{1,100}$", taken);

    public static bool IsToken(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(TokenCharacters);

    private static bool IsAddress(string text) =>
        // System.Uri cuts blanks off and puts slashes right; a request's target is made of the text itself.
        SchemeAndHost().Match(text) is { Success: true } match && IsPrintable(match.Groups["path"].Value)
        && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Port > 0 && uri.UserInfo.Length == 0
        && (Uri.CheckHostName(uri.DnsSafeHost) is UriHostNameType.IPv4 or UriHostNameType.IPv6
            || (Uri.CheckHostName(uri.DnsSafeHost) == UriHostNameType.Dns && !EndsInANumber(uri.DnsSafeHost)));

    /// <summary>No name does (RFC 1123 section 2.1): an address with a slip, which fails as a name that nobody knows.</summary>
    private static bool EndsInANumber(string host) =>
        host.Contains('.') && !host.AsSpan(host.TrimEnd('.').LastIndexOf('.') + 1).TrimEnd('.').ContainsAnyExceptInRange('0', '9');

    private static bool IsPrintable(string text) => !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>A port, where one is written, from 1 to 65535.</summary>
    public static bool HasPort(string text) =>
        text.LastIndexOf(':') is var colon && (colon < 0 || text.EndsWith(']') || text[(colon + 1)..] == "*"
            || (ushort.TryParse(text[(colon + 1)..], out var port) && port > 0));

    [GeneratedRegex(@"\A(?i:https?)://[^\s/?#@\\]+(?<!:)(?<path>/([^?#\\%]|%[0-9A-Fa-f]{2})*)?\z")]
    private static partial Regex SchemeAndHost();

    [GeneratedRegex(HostNamePattern)]
    private static partial Regex HostName();

    [GeneratedRegex(@"\A(\*|(\*\.)?[\w-]+(\.[\w-]+)*)(:([0-9]{1,5}|\*))?\z")]
    private static partial Regex HostPattern();
}
