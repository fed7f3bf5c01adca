namespace CalendarService.Channels;

/// <summary>
/// Every channel there is, in the order people see them, with the limits that its network states. <c>docs/reference/channels.md</c> has
/// them as a table, and says of each where and when it was read, or that it was not. An account may have others:
/// <see cref="ChannelLimit"/>.
/// </summary>
internal static class KnownChannels
{
    public static readonly IReadOnlyList<ChannelRules> All =
    [
        // Caption 2,200, 30 hashtags, 20 mentions; a carousel of up to 10 pictures and videos, no post without media. The app takes 5
        // hashtags since December 2025; the API's page does not say so.
        new("instagram", TextLength.CodePoints, "characters", 2_200, 1, 10, MediaMix.Any, LinkPlace.Nowhere,
            "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media")
        {
            MaxHashtags = 30, MaxMentions = 20,
        },
        // A Page's message 63,206, which no page of Meta's says; attached_media are photos, a video is a post of its own.
        new("facebook", TextLength.CodePoints, "characters", 63_206, 0, 10, MediaMix.PicturesOrVideo, LinkPlace.Card,
            "https://developers.facebook.com/docs/graph-api/reference/page/feed"),
        // Commentary 3,000; MultiImage 2 to 20, or one video. Documents (PDF) are posts of another kind, which we do not make.
        new("linkedin", TextLength.CodePoints, "characters", 3_000, 0, 20, MediaMix.PicturesOrVideo, LinkPlace.Card,
            "https://learn.microsoft.com/linkedin/marketing/community-management/shares/multiimage-post-api"),
        // Weighted 280; up to 4 photos, or 1 animated GIF, or 1 video.
        new("x", TextLength.Weighted, "characters (a URL is 23, CJK and emoji are 2)", 280, 0, 4, MediaMix.PicturesOrVideo,
            LinkPlace.InText, "https://docs.x.com/x-api/media/quickstart/best-practices")
        {
            GifAlone = true,
        },
        // Title of a video 2,200 UTF-16 units; one video or up to 35 photos, whose description may be longer.
        new("tiktok", TextLength.Utf16, "UTF-16 units", 2_200, 1, 35, MediaMix.PicturesOrVideo, LinkPlace.Nowhere,
            "https://developers.tiktok.com/doc/content-posting-api-reference-direct-post"),
        // 500, emoji by their UTF-8 bytes; a carousel of up to 20; 5 different links since December 2025.
        new("threads", TextLength.EmojiAsBytes, "characters (emoji by their bytes)", 500, 0, 20, MediaMix.Any, LinkPlace.Card,
            "https://developers.facebook.com/documentation/threads/posts")
        {
            MaxLinks = 5,
        },
        // app.bsky.feed.post: maxGraphemes 300, maxLength 3,000 bytes. app.bsky.embed.images takes 4 and app.bsky.embed.gallery more, of
        // which clients are asked to offer 10; one video; one external card.
        new("bluesky", TextLength.Graphemes, "graphemes", 300, 0, 10, MediaMix.PicturesOrVideo, LinkPlace.Card,
            "https://github.com/bluesky-social/atproto/tree/d6296a1/lexicons/app/bsky")
        {
            MaxBytes = 3_000,
        },
        // 500 unless the server says more; four pictures, or one video or sound file.
        new("mastodon", TextLength.Mastodon, "characters (a URL is 23)", 500, 0, 4, MediaMix.PicturesOrVideo, LinkPlace.InText,
            "https://github.com/mastodon/mastodon/blob/main/app/validators/status_length_validator.rb")
        {
            TakesAudio = true,
        },
        // videos.insert: exactly one video; description 5,000 bytes, without < and >.
        new("youtube", TextLength.Utf8, "bytes", 5_000, 1, 1, MediaMix.Videos, LinkPlace.InText,
            "https://developers.google.com/youtube/v3/docs/videos#snippet.description")
        {
            Refused = "<>",
        },
        // POST /pins: description 800, link a field of its own; one picture or video, or a carousel of up to 5 pictures.
        new("pinterest", TextLength.CodePoints, "characters", 800, 1, 5, MediaMix.PicturesOrVideo, LinkPlace.Field,
            "https://github.com/pinterest/api-description/blob/c05b189/v5/openapi.json"),
    ];

    private static readonly Dictionary<string, ChannelRules> ByName = All.ToDictionary(rules => rules.Channel);

    /// <summary>With the network's own limits, not those of an account.</summary>
    public static ChannelRules? Find(string channel) => ByName.GetValueOrDefault(channel);
}
