using System.Text;
using CalendarService.Requests;
using CalendarService.Texts;

namespace CalendarService.Calendars;

/// <param name="Fitted">What was left out or cut, by the name of the field; empty when nothing was.</param>
internal sealed record FittedContent(EntryContent Content, IReadOnlyList<string> Fitted);

/// <summary>
/// What an entry may hold, in one place: what a person sends is refused when it breaks a rule, what a writer makes is made to keep it. So
/// nothing is stored that could not be saved again as it is.
/// </summary>
internal sealed class EntryRules(LimitsOptions limits)
{
    public const int LongestUrl = 2_048;
    public const int LongestTag = 100;
    public const int MostItems = 50;

    private const string Ellipsis = "…";

    public int LongestText => limits.TextLength;

    public static string? UrlFault(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is ("http" or "https")
            ? null
            : "has to be an absolute http or https URL";

    /// <summary>Whether an entry can have it for its link or one of its media.</summary>
    public static bool IsUrl(string url) => IsText(url, LongestUrl) && UrlFault(url) is null;

    public static string? TagFault(string tag) => string.IsNullOrWhiteSpace(tag) ? "is empty" : null;

    public FittedContent Fit(EntryContent made)
    {
        var fitted = new List<string>();
        var content = made with
        {
            Text = FitText(made.Text),
            Link = made.Link is { } link && IsUrl(link) ? link : null,
            MediaUrls = Fit(made.MediaUrls, IsUrl),
            Tags = Fit(made.Tags, tag => IsText(tag, LongestTag) && TagFault(tag) is null),
        };
        fitted.AddRange(EntryField.All.Where(field => !field.Same(made, content)).Select(field => field.Name));
        return new(content, fitted);
    }

    private string FitText(string text)
    {
        text = Storable(text);
        return !Characters.Exceed(text, LongestText) ? text : Characters.Take(text, LongestText - 1) + Ellipsis;
    }

    private static IReadOnlyList<string> Fit(IReadOnlyList<string> items, Func<string, bool> isLegal) =>
        items.Count <= MostItems && items.All(isLegal) ? items : [.. items.Where(isLegal).Take(MostItems)];

    private static bool IsText(string text, int longest) => Storable(text) == text && !Characters.Exceed(text, longest);

    // No database takes U+0000, and no encoding half of a surrogate pair.
    private static string Storable(string text)
    {
        if (!text.Contains('\0', StringComparison.Ordinal) && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return text;
        var kept = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (Rune.TryGetRuneAt(text, at, out var rune) && rune.Value != 0)
            {
                kept.Append(rune.ToString());
                at += rune.Utf16SequenceLength - 1;
            }
        }

        return kept.ToString();
    }
}
