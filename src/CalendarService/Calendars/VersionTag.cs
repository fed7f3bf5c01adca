using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Primitives;

namespace CalendarService.Calendars;

/// <summary>
/// Entity tags as they come back. Proxies that compress change them on the way out (nginx and Cloudflare make them weak, Apache and Caddy
/// write <c>"1-gzip"</c>, Jetty <c>"1--gzip"</c>) and not on the way in; hand-written clients lose the quotes. The version is in all of
/// them, and it says exactly which state the client saw, so that a weak one is as good as a strong one.
/// </summary>
internal static partial class VersionTag
{
    /// <summary>Whether one of the tags is this version, or the header is <c>*</c>.</summary>
    public static bool Matches(StringValues header, long version)
    {
        var wanted = version.ToString(CultureInfo.InvariantCulture);
        return header.ToString().Trim() == "*" || Read(header).Any(tag => tag == wanted);
    }

    /// <summary>Whether every tag is one that a calendar could have.</summary>
    public static bool AreAll(StringValues header) => Read(header).All(tag => tag is not null);

    private static IEnumerable<string?> Read(StringValues header) => header.ToString()
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).DefaultIfEmpty("")
        .Select(tag => Tag().Match(tag) is { Success: true } match ? match.Groups["version"].Value : null);

    [GeneratedRegex("""^(W/)?(?<quote>"?)(?<version>[1-9][0-9]{0,18})([-;:_.+]{1,2}(gzip|br|deflate|zstd|df))?\k<quote>$""",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Tag();
}
