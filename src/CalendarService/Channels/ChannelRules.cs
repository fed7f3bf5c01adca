using System.Text;
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

/// <summary>What one network refuses, as its own documentation states it.</summary>
/// <param name="Count">Text length the way the network counts.</param>
/// <param name="Unit">What <paramref name="Count"/> counts, in words for an error.</param>
internal sealed record ChannelRules(
    string Channel, Func<string, int> Count, string Unit, int MaxText, int MinMedia, int MaxMedia, LinkPlace Link)
{
    // A text of so few chars need not be taken apart, and most are: finding graphemes is the dearest part of a publish's checks.
    private readonly bool _neverMoreThanChars =
        Count == TextLength.Graphemes || Count == TextLength.CodePoints || Count == TextLength.Utf16;

    public int? MaxBytes { get; init; }

    public int? MaxHashtags { get; init; }

    public bool VideoOnly { get; init; }

    /// <summary>Every channel there is, in the order people see them.</summary>
    public static readonly IReadOnlyList<ChannelRules> All =
    [
        // Graph API, IG User /media: caption 2,200, 30 hashtags, carousel of up to 10, no post without media.
        new("instagram", TextLength.CodePoints, "characters", 2_200, 1, 10, LinkPlace.Nowhere) { MaxHashtags = 30 },
        // Graph API, Page /feed: message 63,206; the composer attaches up to 10 photos.
        new("facebook", TextLength.CodePoints, "characters", 63_206, 0, 10, LinkPlace.Card),
        // Posts API: commentary 3,000, MultiImage 2 to 20.
        new("linkedin", TextLength.CodePoints, "characters", 3_000, 0, 20, LinkPlace.Card),
        // twitter-text v3: weighted 280; four media a post.
        new("x", TextLength.Weighted, "characters (a URL is 23, CJK and emoji are 2)", 280, 0, 4, LinkPlace.InText),
        // Content Posting API: title 2,200 UTF-16 units; one video or up to 35 photos.
        new("tiktok", TextLength.Utf16, "UTF-16 units", 2_200, 1, 35, LinkPlace.Nowhere),
        // Threads API: 500, emoji by their UTF-8 bytes; carousel of up to 20; link_attachment on text posts only.
        new("threads", TextLength.EmojiAsBytes, "characters (emoji by their bytes)", 500, 0, 20, LinkPlace.Card),
        // Lexicon app.bsky.feed.post: maxGraphemes 300, maxLength 3,000 bytes; embed.images 4, or one external card.
        new("bluesky", TextLength.Graphemes, "graphemes", 300, 0, 4, LinkPlace.Card) { MaxBytes = 3_000 },
        // StatusLengthValidator: 500, a URL is 23, of a remote mention only the local part; four attachments.
        new("mastodon", TextLength.Mastodon, "characters (a URL is 23)", 500, 0, 4, LinkPlace.InText),
        // Data API v3, videos.insert: exactly one video; description 5,000 bytes.
        new("youtube", TextLength.Utf8, "bytes", 5_000, 1, 1, LinkPlace.InText) { VideoOnly = true },
        // API v5, POST /pins: description 800, link a field of its own, one image or video, carousel of up to 5.
        new("pinterest", TextLength.CodePoints, "characters", 800, 1, 5, LinkPlace.Field),
    ];

    private static readonly Dictionary<string, ChannelRules> ByName = All.ToDictionary(r => r.Channel);

    private static readonly string[] ImageExtensions = [".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".heic", ".svg"];

    public static ChannelRules? Find(string channel) => ByName.GetValueOrDefault(channel);

    /// <summary>The text that would be sent: with the link at its end where the network has no other place for it.</summary>
    public string Posted(string text, string? link, int media)
    {
        var inText = Link is LinkPlace.InText || (Link is LinkPlace.Card && media > 0);
        return !inText || link is null || text.Contains(link, StringComparison.Ordinal) ? text : $"{text} {link}".Trim();
    }

    /// <summary>What the network would refuse about the text alone: a sentence each.</summary>
    public IEnumerable<string> TextFaults(string text, string? link, int media)
    {
        var posted = Posted(text, link, media);
        if ((posted.Length > MaxText || !_neverMoreThanChars) && Count(posted) is var length && length > MaxText)
            yield return $"text is {length} {Unit}; {Channel} takes at most {MaxText}";
        if (MaxBytes is { } maxBytes && Encoding.UTF8.GetByteCount(posted) is var bytes && bytes > maxBytes)
            yield return $"text is {bytes} bytes; {Channel} takes at most {maxBytes}";
        if (MaxHashtags is { } maxHashtags && TextLength.Hashtags(posted) is var hashtags && hashtags > maxHashtags)
            yield return $"text has {hashtags} hashtags; {Channel} takes at most {maxHashtags}";
    }

    /// <summary>Everything the network would refuse about an entry, whenever it is posted.</summary>
    public IEnumerable<string> Faults(Entry entry)
    {
        var media = entry.MediaUrls.Count;
        if (string.IsNullOrWhiteSpace(entry.Text) && media == 0 && entry.Link is null)
            yield return "nothing to post: no text, no media, no link";
        foreach (var fault in TextFaults(entry.Text, entry.Link, media))
            yield return fault;
        if (media < MinMedia || media > MaxMedia)
            yield return $"{media} media; {Channel} takes {(MinMedia == MaxMedia ? "exactly " : $"{MinMedia} to ")}{MaxMedia}";
        if (entry.Link is not null && Link is LinkPlace.Nowhere)
            yield return $"1 link; {Channel} takes 0, a post there has no place for it";
        if (entry.Link is not null && !IsWebAddress(entry.Link))
            yield return "the link is not an absolute http or https address";
        for (var i = 0; i < media; i++)
        {
            if (!IsWebAddress(entry.MediaUrls[i]))
                yield return $"media {i + 1} is not an absolute http or https address";
            else if (VideoOnly && IsImage(entry.MediaUrls[i]))
                yield return $"media {i + 1} is an image; {Channel} takes only video";
        }
    }

    private static bool IsWebAddress(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https");

    // By its name: fetching it to see is the live publisher's business.
    private static bool IsImage(string address) =>
        ImageExtensions.Contains(Path.GetExtension(new Uri(address).AbsolutePath), StringComparer.OrdinalIgnoreCase);
}
