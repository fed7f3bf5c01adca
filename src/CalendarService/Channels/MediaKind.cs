using Microsoft.AspNetCore.StaticFiles;

namespace CalendarService.Channels;

/// <summary>What a media address leads to, by the ending of its path: fetching it to see is the live publisher's business.</summary>
internal enum MediaKind
{
    /// <summary>No ending, or one that says nothing: it may be anything.</summary>
    Unknown,
    Picture,
    Video,
    Audio,

    /// <summary>A document, a drawing, an archive: no network takes it for a picture or a video.</summary>
    Other,
}

internal static class MediaKinds
{
    // ASP.NET Core's table of endings.
    private static readonly FileExtensionContentTypeProvider ContentTypes = new();

    public static MediaKind Find(Uri address)
    {
        var path = Uri.UnescapeDataString(address.AbsolutePath);
        if (!ContentTypes.TryGetContentType(path, out var type))
            return Path.GetExtension(path).ToLowerInvariant() switch
            {
                ".heic" or ".heif" or ".avif" => MediaKind.Picture,
                ".m4v" or ".mkv" => MediaKind.Video,
                ".flac" or ".opus" => MediaKind.Audio,
                _ => MediaKind.Unknown,
            };
        return type switch
        {
            "image/svg+xml" => MediaKind.Other,
            "application/octet-stream" => MediaKind.Unknown,
            _ when type.StartsWith("image/", StringComparison.Ordinal) => MediaKind.Picture,
            _ when type.StartsWith("video/", StringComparison.Ordinal) => MediaKind.Video,
            _ when type.StartsWith("audio/", StringComparison.Ordinal) => MediaKind.Audio,
            _ => MediaKind.Other,
        };
    }

    public static bool IsGif(Uri address) =>
        Uri.UnescapeDataString(address.AbsolutePath).EndsWith(".gif", StringComparison.OrdinalIgnoreCase);
}
