using System.Text.Json;
using ServiceDefaults.Times;
using ServiceDefaults.Wire;

namespace CalendarService.Calendars;

/// <summary>A row of <c>entries</c>. Settable, because Dapper converts a column's type only into properties.</summary>
internal sealed class EntryRow
{
    public const string ColumnsWithoutBase =
        """
        id AS Id, scheduled_at AS ScheduledAt, timezone AS Timezone, channels AS Channels, status AS Status, text AS Text,
        link AS Link, media_urls AS MediaUrls, tags AS Tags, edited_fields AS EditedFields, version AS Version,
        run_id AS RunId, removed AS Removed
        """;

    public const string Columns = ColumnsWithoutBase + ", generated AS Generated";

    public static readonly IReadOnlyList<string> Written =
    [
        "user_id", "calendar_id", "id", "scheduled_at", "timezone", "channels", "status", "text", "link", "media_urls", "tags",
        "edited_fields", "version", "generated", "run_id", "removed",
    ];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public required string Id { get; init; }

    public DateTimeOffset ScheduledAt { get; init; }

    public required string Timezone { get; init; }

    public required string Channels { get; init; }

    public required string Status { get; init; }

    public required string Text { get; init; }

    public string? Link { get; init; }

    public required string MediaUrls { get; init; }

    public required string Tags { get; init; }

    public required string EditedFields { get; init; }

    public int Version { get; init; }

    public string? Generated { get; init; }

    public string? RunId { get; init; }

    public string? Removed { get; init; }

    public static IReadOnlyList<StoredEntry> ToStored(IEnumerable<EntryRow> rows)
    {
        // Most entries of a calendar go to the same channels under the same tags: each list is read once, and shared.
        var lists = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["[]"] = [] };
        return [.. rows.Select(row => row.ToStored(lists))];
    }

    private StoredEntry ToStored(Dictionary<string, IReadOnlyList<string>> lists)
    {
        return new(
            new Entry(
                Id, Zones.At(ScheduledAt, Timezone), Timezone, List(Channels), Status, Text, Link, List(MediaUrls), List(Tags),
                List(EditedFields), Version),
            Generated is null ? null : JsonSerializer.Deserialize<EntryContent>(Generated, Json),
            RunId,
            Removed switch { null => Removal.None, "run" => Removal.Run, _ => Removal.Manual });

        IReadOnlyList<string> List(string json)
        {
            if (!lists.TryGetValue(json, out var list))
                lists[json] = list = JsonSerializer.Deserialize<string[]>(json, Json)!;
            return list;
        }
    }

    /// <summary>In the order of <see cref="Written"/>.</summary>
    public static object?[] ToValues(string userId, string calendarId, StoredEntry stored)
    {
        var entry = stored.Entry;
        return
        [
            userId, calendarId, entry.EntryId, entry.ScheduledAt, entry.Timezone, JsonOf(entry.Channels), entry.Status, entry.Text,
            entry.Link, JsonOf(entry.MediaUrls), JsonOf(entry.Tags), JsonOf(entry.EditedFields), entry.Version,
            stored.Generated is null ? null : JsonSerializer.Serialize(stored.Generated, Json), stored.RunId,
            stored.Removal switch { Removal.None => null, Removal.Run => "run", _ => "manual" },
        ];
    }

    private static string JsonOf(IReadOnlyList<string> list) => list.Count == 0 ? "[]" : JsonSerializer.Serialize(list, Json);
}
