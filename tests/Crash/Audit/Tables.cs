using Dapper;
using Npgsql;

namespace Crash.Audit;

internal sealed class IntentRow
{
    public required string Id { get; init; }

    public required string CalendarId { get; init; }

    public string? RunId { get; init; }

    public required string UserId { get; init; }

    public required string Channel { get; init; }

    public required string EntryId { get; init; }

    public required string Status { get; init; }

    public DateTime CreatedAt { get; init; }

    public override string ToString() => $"{Id} ({UserId}, {CalendarId}, {EntryId}, {Channel}, {Status}, {CreatedAt:HH:mm:ss.ffffff})";
}

internal sealed class CalendarRow
{
    public required string UserId { get; init; }

    public required string Id { get; init; }

    public required string Title { get; init; }

    public long Version { get; init; }
}

internal sealed class EntryRow
{
    public required string UserId { get; init; }

    public required string CalendarId { get; init; }

    public required string Id { get; init; }

    public required string Text { get; init; }

    public required string EditedFields { get; init; }
}

internal sealed class RunRow
{
    public required string Id { get; init; }

    public required string UserId { get; init; }

    public required string CalendarId { get; init; }

    public required string Brief { get; init; }

    public required string Status { get; init; }

    public bool Partial { get; init; }

    public int Entries { get; init; }
}

internal sealed class EventRow
{
    public required string RunId { get; init; }

    public long Seq { get; init; }

    public required string Type { get; init; }

    public string? EntryId { get; init; }
}

/// <summary>What Postgres has when everything is over, read without the service's help.</summary>
internal sealed record Tables(
    IReadOnlyList<IntentRow> Intents, IReadOnlyList<CalendarRow> Calendars, IReadOnlyList<EntryRow> LiveEntries,
    IReadOnlyList<RunRow> Runs, IReadOnlyList<EventRow> Events)
{
    public static async Task<Tables> ReadAsync(NpgsqlConnection connection) => new(
        await RowsAsync<IntentRow>(connection,
            """
            SELECT id AS Id, calendar_id AS CalendarId, run_id AS RunId, user_id AS UserId, channel AS Channel, payload->>'entryId' AS EntryId,
                status AS Status, created_at AS CreatedAt
            FROM publish_intents
            """),
        await RowsAsync<CalendarRow>(connection, "SELECT user_id AS UserId, id AS Id, title AS Title, version AS Version FROM calendars"),
        await RowsAsync<EntryRow>(connection,
            """
            SELECT user_id AS UserId, calendar_id AS CalendarId, id AS Id, text AS Text, edited_fields AS EditedFields
            FROM entries WHERE removed IS NULL
            """),
        await RowsAsync<RunRow>(connection,
            """
            SELECT id AS Id, user_id AS UserId, calendar_id AS CalendarId, brief::jsonb->>'brief' AS Brief, status AS Status, partial AS Partial,
                entries AS Entries
            FROM runs
            """),
        await RowsAsync<EventRow>(connection,
            "SELECT run_id AS RunId, seq AS Seq, type AS Type, data::jsonb->'entry'->>'entryId' AS EntryId FROM run_events"));

    private static async Task<IReadOnlyList<T>> RowsAsync<T>(NpgsqlConnection connection, string sql) =>
        [.. await connection.QueryAsync<T>(sql)];
}
