using System.Text.Json;
using System.Text.RegularExpressions;
using CalendarService.Calendars;
using CalendarService.Channels;

namespace CalendarService.Generation.Writers;

/// <summary>The address in what a model gives as a link.</summary>
/// <param name="IsDropped">There was something, and it is no address of a web page.</param>
internal readonly partial record struct PostLink(string? Address, bool IsDropped)
{
    public static PostLink Read(JsonElement link) => link.ValueKind switch
    {
        JsonValueKind.String => Read(JsonText.ReadWhole(link)),
        JsonValueKind.Object => InObject(link) is { } inner ? Read(inner) : new(null, true),
        JsonValueKind.Array when link.GetArrayLength() == 0 => default,
        JsonValueKind.Array when link.GetArrayLength() == 1 => Read(link[0]),
        JsonValueKind.Null or JsonValueKind.False => default,
        _ => new(null, true),
    };

    private static PostLink Read(string text)
    {
        var address = text.Trim().Trim('"', '\'', '`').Trim();
        if (Markdown().Match(address) is { Success: true } markdown)
            address = markdown.Groups["address"].Value;
        address = address.TrimStart('<').TrimEnd('>').Trim();
        if (None().IsMatch(address))
            return default;
        if (address.StartsWith("//", StringComparison.Ordinal))
            address = $"https:{address}";
        else if (Bare().IsMatch(address))
            address = $"https://{address}";
        return IsWebAddress(address) ? new(address, false) : new(null, true);
    }

    private static bool IsWebAddress(string address) =>
        !address.Any(c => c is '<' or '>' or '"') && ChannelRules.AddressFault(address) is null && EntryRules.IsUrl(address);

    private static JsonElement? InObject(JsonElement link) =>
        JsonText.Member(link, "url") ?? JsonText.Member(link, "href");

    [GeneratedRegex(@"^!?\[[^\]]*\]\(\s*<?(?<address>[^\s]+?)>?(?:\s+[""'][^""']*[""'])?\s*\)$", RegexOptions.CultureInvariant)]
    private static partial Regex Markdown();

    [GeneratedRegex(@"^(?:null|none|nil|no link|n/?a|undefined|-+|#|)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex None();

    // A host with a name for its top level, as people write it; a path, a query or nothing after it.
    [GeneratedRegex(
        @"^(?:[\p{L}\p{Nd}](?:[\p{L}\p{Nd}-]{0,61}[\p{L}\p{Nd}])?\.)+(?:\p{L}{2,24}|xn--[a-z0-9-]{1,59})(?::\d{1,5})?(?:[/?#].*)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Bare();
}
