using System.Globalization;
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
        run_id AS RunId, removed AS Removed, wall_time AS WallTime, wall_version AS WallVersion
        """;

    public const string Columns = ColumnsWithoutBase + ", generated AS Generated";

    public static readonly IReadOnlyList<string> Written =
    [
        "user_id", "calendar_id", "id", "scheduled_at", "timezone", "channels", "status", "text", "link", "media_urls", "tags",
        "edited_fields", "version", "generated", "run_id", "removed", "wall_time", "wall_version",
    ];

    private const string WallFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffffzzz";

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

    /// <summary>
    /// What was planned: the time on the zone's wall, and the offset that the zone had when it was written. <c>scheduled_at</c> is the
    /// moment that this came to then, and what rows are ordered by.
    /// </summary>
    public string? WallTime { get; init; }

    /// <summary>The version that the wall time belongs to: a program that does not know the column writes the others without it.</summary>
    public int? WallVersion { get; init; }

    public (DateTimeOffset Time, string EntryId) Place => (ScheduledAt, Id);

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
                Id, Planned(), Timezone, List(Channels), Status, Text, Link, List(MediaUrls), List(Tags),
                List(EditedFields), Version),
            Generated is null ? null : JsonSerializer.Deserialize<EntryContent>(Generated, Json)!.AsPlanned(),
            RunId,
            Removed switch { null => Removal.None, "run" => Removal.Run, _ => Removal.Manual });

        IReadOnlyList<string> List(string json)
        {
            if (!lists.TryGetValue(json, out var list))
                lists[json] = list = JsonSerializer.Deserialize<string[]>(json, Json)!;
            return list;
        }
    }

    private DateTimeOffset Planned() => WallTime is not null && WallVersion == Version
        ? Zones.AsPlanned(DateTimeOffset.ParseExact(WallTime, WallFormat, CultureInfo.InvariantCulture), Timezone)
        : Zones.At(ScheduledAt, Timezone);

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
            entry.ScheduledAt.ToString(WallFormat, CultureInfo.InvariantCulture), entry.Version,
        ];
    }

    private static string JsonOf(IReadOnlyList<string> list) => list.Count == 0 ? "[]" : JsonSerializer.Serialize(list, Json);
}
