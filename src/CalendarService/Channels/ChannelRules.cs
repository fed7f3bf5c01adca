using System.Text;
using CalendarService.Texts;
using ServiceDefaults.Wire;

namespace CalendarService.Channels;

/// <summary>Where a network takes an entry's link.</summary>
internal enum LinkPlace
{
    /// <summary>It has no place for one; a URL in a caption is dead text.</summary>
    Nowhere,

    /// <summary>Only inside the text, so it counts as text.</summary>
    InText,

    /// <summary>As a preview card, which media displace: with media it has to stand in the text.</summary>
    Card,

    /// <summary>In a field of its own.</summary>
    Field,
}

/// <summary>Which media go together in one post.</summary>
internal enum MediaMix
{
    /// <summary>Pictures and videos side by side.</summary>
    Any,

    /// <summary>Pictures, or one video and nothing else.</summary>
    PicturesOrVideo,

    /// <summary>Videos only.</summary>
    Videos,
}

/// <summary>What one network refuses, as its own documentation states it.</summary>
/// <param name="Count">Text length the way the network counts.</param>
/// <param name="Unit">What <paramref name="Count"/> counts, in words for an error.</param>
/// <param name="Source">Where the network says so.</param>
internal sealed record ChannelRules(
    string Channel, Func<string, int> Count, string Unit, int MaxText, int MinMedia, int MaxMedia, MediaMix Mix, LinkPlace Link,
    string Source)
{
    // A text of so few chars need not be taken apart, and most are: finding graphemes is the dearest part of a publish's checks.
    private readonly bool _neverMoreThanChars =
        Count == TextLength.Graphemes || Count == TextLength.CodePoints || Count == TextLength.Utf16;

    public int? MaxBytes { get; init; }

    public int? MaxHashtags { get; init; }

    public int? MaxMentions { get; init; }

    /// <summary>Different web addresses, in the text and beside it.</summary>
    public int? MaxLinks { get; init; }

    /// <summary>Characters that the network refuses anywhere in the text.</summary>
    public string Refused { get; init; } = "";

    /// <summary>One sound file instead of pictures.</summary>
    public bool TakesAudio { get; init; }

    /// <summary>An animated picture stands alone, as a video does.</summary>
    public bool GifAlone { get; init; }

    /// <summary>The text that would be sent: with the link at its end where the network has no other place for it.</summary>
    public string Posted(string text, string? link, int media)
    {
        var inText = Link is LinkPlace.InText || (Link is LinkPlace.Card && media > 0);
        return !inText || link is null || WebAddresses.Has(text, link) ? text : $"{text} {link}".Trim();
    }

    /// <summary>What the network would refuse about the text alone: a sentence each.</summary>
    public IEnumerable<string> TextFaults(string text, string? link, int media)
    {
        var posted = Posted(text, link, media);
        if ((posted.Length > MaxText || !_neverMoreThanChars) && Count(posted) is var length && length > MaxText)
            yield return $"text is {length} {Unit}; {Channel} takes at most {MaxText}";
        if (MaxBytes is { } maxBytes && TextLength.Utf8(posted) is var bytes && bytes > maxBytes)
            yield return $"text is {bytes} bytes; {Channel} takes at most {maxBytes}";
        if (MaxHashtags is { } maxHashtags && Mentions.CountHashtags(posted) is var hashtags && hashtags > maxHashtags)
            yield return $"text has {hashtags} hashtags; {Channel} takes at most {maxHashtags}";
        if (MaxMentions is { } maxMentions && Mentions.CountMentions(posted) is var mentions && mentions > maxMentions)
            yield return $"text has {mentions} mentions; {Channel} takes at most {maxMentions}";
        if (MaxLinks is { } maxLinks && CountLinks(posted, link) is var links && links > maxLinks)
            yield return $"{links} links; {Channel} takes at most {maxLinks}";
        if (posted.AsSpan().IndexOfAny(Refused) is >= 0 and var refused)
            yield return $"text has \"{posted[refused]}\", which {Channel} refuses";
    }

    /// <summary>Everything the network would refuse about an entry, whenever it is posted.</summary>
    public IEnumerable<string> Faults(Entry entry)
    {
        var media = entry.MediaUrls.Count;
        if (string.IsNullOrWhiteSpace(entry.Text) && media == 0 && entry.Link is null)
            yield return "nothing to post: no text, no media, no link";
        foreach (var fault in TextFaults(entry.Text, entry.Link, media))
            yield return fault;
        if (entry.Link is not null && Link is LinkPlace.Nowhere)
            yield return $"1 link; {Channel} takes 0, a post there has no place for it";
        if (entry.Link is not null && AddressFault(entry.Link) is { } broken)
            yield return $"the link {broken}";
        foreach (var fault in MediaFaults(entry.MediaUrls))
            yield return fault;
    }

    /// <summary>Why no network takes it for an address; null when one does.</summary>
    public static string? AddressFault(string address)
    {
        if (address.EnumerateRunes().Any(rune => Rune.IsWhiteSpace(rune) || Rune.IsControl(rune) || IsInvisible(rune.Value)))
            return "has a blank or a control character in it";
        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? null
            : "is not an absolute http or https address";
    }

    private IEnumerable<string> MediaFaults(IReadOnlyList<string> urls)
    {
        if (urls.Count < MinMedia || urls.Count > MaxMedia)
            yield return $"{urls.Count} media; {Channel} takes {(MinMedia == MaxMedia ? "exactly " : $"{MinMedia} to ")}{MaxMedia}";
        var alone = "";
        for (var i = 0; i < urls.Count; i++)
        {
            if (AddressFault(urls[i]) is { } broken)
            {
                yield return $"media {i + 1} {broken}";
                continue;
            }

            var (address, kind) = (new Uri(urls[i]), MediaKinds.Find(new Uri(urls[i])));
            if (kind is MediaKind.Other || (kind is MediaKind.Audio && !TakesAudio))
                yield return $"media {i + 1} is neither a picture nor a video";
            else if (Mix is MediaMix.Videos && kind is MediaKind.Picture)
                yield return $"media {i + 1} is an image; {Channel} takes only video";
            if (Mix is MediaMix.PicturesOrVideo && kind is MediaKind.Video or MediaKind.Audio)
                alone = kind is MediaKind.Video ? "video" : "sound file";
            else if (alone.Length == 0 && GifAlone && MediaKinds.IsGif(address))
                alone = "GIF";
        }

        if (alone.Length > 0 && urls.Count > 1)
            yield return $"a {alone} among {urls.Count} media; {Channel} takes a {alone} alone";
    }

    private int CountLinks(string posted, string? link)
    {
        var links = new List<string>();
        var found = WebAddresses.Find(posted, AddressGrammar.AnyWeb).Select(address => address.In(posted));
        foreach (var address in Link is LinkPlace.Card && link is not null ? found.Append(link) : found)
        {
            if (!links.Exists(known => WebAddresses.AreSame(known, address)))
                links.Add(address);
        }

        return links.Count;
    }

    // Formatting characters, those aside that join letters in a name.
    private static bool IsInvisible(int rune) => rune is 0xFEFF or 0x200B or 0x2060 or 0x00AD
        or (>= 0x200E and <= 0x200F) or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
