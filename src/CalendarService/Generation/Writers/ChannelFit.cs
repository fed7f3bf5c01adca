using CalendarService.Channels;

namespace CalendarService.Generation.Writers;

/// <summary>What a post must be for all channels of a brief to take it, since one text goes to all of them.</summary>
internal sealed class ChannelFit(IEnumerable<string> channels)
{
    private const string Ellipsis = "…";

    private readonly ChannelRules[] _rules = [.. channels.Select(ChannelRules.Find).OfType<ChannelRules>()];

    /// <summary>The link, or null when a channel has no place for it or not the room.</summary>
    public string? LinkFor(string? link, int media) =>
        link is not null && _rules.All(r => r.Link is not LinkPlace.Nowhere) && Fits("", link, media) ? link : null;

    /// <summary>Nothing, or one placeholder where a channel takes no post without media; a person puts the real one in.</summary>
    public IReadOnlyList<string> PlaceholderMedia(string entryId) =>
        _rules.Any(r => r.VideoOnly) ? [$"https://media.example/{entryId}.mp4"]
        : _rules.Any(r => r.MinMedia > 0) ? [$"https://media.example/{entryId}.jpg"]
        : [];

    public IReadOnlyList<string> TextFaults(string text, string? link, int media) =>
        [.. _rules.SelectMany(r => r.TextFaults(text, link, media))];

    /// <summary>The text, cut after a word or at worst between characters, so that every channel takes it.</summary>
    public string Shorten(string text, string? link, int media)
    {
        if (Fits(text, link, media))
            return text;

        var elements = TextLength.Elements(text).ToArray();
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
        !_rules.Any(r => r.TextFaults(text, link, media).Any());

    private static string Cut(string[] elements, int length)
    {
        var kept = string.Concat(elements.AsSpan(0, length)!);
        var word = kept.LastIndexOf(' ');
        return (word > kept.Length / 2 ? kept[..word] : kept).TrimEnd() + Ellipsis;
    }
}
