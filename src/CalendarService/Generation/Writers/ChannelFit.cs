using CalendarService.Channels;
using CalendarService.Texts;

namespace CalendarService.Generation.Writers;

/// <summary>What a post must be for all channels of a brief to take it, since one text goes to all of them.</summary>
internal sealed class ChannelFit(IEnumerable<string> names, ChannelRegistry channels)
{
    private const string Ellipsis = "…";

    /// <summary>In the order of the brief, with the limits of the accounts.</summary>
    public IReadOnlyList<ChannelRules> Rules { get; } = [.. names.Select(channels.FindRules).OfType<ChannelRules>()];

    /// <summary>The link, or null when a channel has no place for it or not the room.</summary>
    public string? LinkFor(string? link, int media)
    {
        var taken = link is not null && ChannelRules.AddressFault(link) is null;
        return taken && Rules.All(r => r.Link is not LinkPlace.Nowhere) && Fits("", link, media) ? link : null;
    }

    /// <summary>Nothing, or one placeholder where a channel takes no post without media; a person puts the real one in.</summary>
    public IReadOnlyList<string> PlaceholderMedia(string entryId) =>
        Rules.Any(r => r.Mix is MediaMix.Videos) ? [$"https://media.example/{entryId}.mp4"]
        : Rules.Any(r => r.MinMedia > 0) ? [$"https://media.example/{entryId}.jpg"]
        : [];

    public IReadOnlyList<string> TextFaults(string text, string? link, int media) =>
        [.. Rules.SelectMany(r => r.TextFaults(text, link, media))];

    /// <summary>
    /// The text without what a channel refuses, and cut after a word or at worst between characters, so that every channel takes it.
    /// </summary>
    public string Fit(string text, string? link, int media)
    {
        foreach (var refused in Rules.SelectMany(rules => rules.Refused))
            text = text.Replace(refused.ToString(), "", StringComparison.Ordinal);
        if (Fits(text, link, media))
            return text;

        var elements = Characters.Split(text).ToArray();
        var (fits, tooLong) = (0, elements.Length);
        while (tooLong - fits > 1)
        {
            var middle = (fits + tooLong) / 2;
            if (Fits(Cut(elements, middle), link, media))
                fits = middle;
            else
                tooLong = middle;
        }

        return Cut(elements, fits);
    }

    private bool Fits(string text, string? link, int media) =>
        !Rules.Any(r => r.TextFaults(text, link, media).Any());

    private static string Cut(string[] elements, int length)
    {
        var kept = string.Concat(elements.AsSpan(0, length)!);
        var word = kept.LastIndexOf(' ');
        return (word > kept.Length / 2 ? kept[..word] : kept).TrimEnd() + Ellipsis;
    }
}
