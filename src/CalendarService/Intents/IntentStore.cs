using System.Data.Common;
using CalendarService.Requests;
using CalendarService.Storage;
using Dapper;

namespace CalendarService.Intents;

/// <summary>Rows of <c>publish_intents</c>. Only ever inserted; an id is inserted once, whoever tries how often.</summary>
internal sealed class IntentStore(Dialect dialect)
{
    private readonly BatchInsert _insert = new(
        dialect, "publish_intents",
        ["id", "calendar_id", "run_id", "user_id", "channel", "payload", "status", "error", "created_at"],
        "ON CONFLICT (id) DO NOTHING", jsonColumn: "payload");

    public Task InsertAsync(DbTransaction transaction, IEnumerable<Intent> intents, CancellationToken cancel) =>
        _insert.ExecuteAsync(transaction, Rows(intents), cancel);

    /// <summary>Whether <see cref="InsertAloneAsync"/> takes as many.</summary>
    public bool IsOneStatement(int intents) => _insert.IsOneStatement(intents);

    /// <summary>All of them or none, without a transaction around it.</summary>
    public Task InsertAloneAsync(DbConnection connection, IEnumerable<Intent> intents) =>
        _insert.ExecuteAloneAsync(connection, Rows(intents));

    public async Task<Page<ListedIntent>> ListAsync(
        DbConnection connection, string userId, string? calendarId, PageCursor cursor, int limit)
    {
        var ofCalendar = calendarId is null ? "" : "AND calendar_id = @calendarId";
        var rows = await connection.QueryAsync<Row>(
            $"""
             SELECT id AS Id, calendar_id AS CalendarId, run_id AS RunId, payload->>'entryId' AS EntryId, channel AS Channel,
                 status AS Status, error AS Error, created_at AS CreatedAt
             FROM publish_intents
             WHERE user_id = @userId {ofCalendar} AND (created_at < @At OR (created_at = @At AND id < @Id))
             ORDER BY created_at DESC, id DESC LIMIT @take
             """,
            new { userId, calendarId, cursor.At, cursor.Id, take = limit + 1 });
        return Page<ListedIntent>.Cut(
            [
                .. rows.Select(r => new ListedIntent(
                    r.Id, r.CalendarId, r.RunId, r.EntryId, r.Channel, r.Status, r.Error, r.CreatedAt)),
            ],
            limit, intent => new PageCursor(intent.CreatedAt, intent.IntentId));
    }

    /// <summary>The newest intent of each (entry, channel).</summary>
    public async Task<ILookup<string, LatestIntent>> LatestAsync(
        DbConnection connection, string userId, string calendarId, string[] entryIds)
    {
        var rows = await connection.QueryAsync<LatestIntent>(
            $"""
             SELECT EntryId, Channel, Status, Error FROM (
                 SELECT payload->>'entryId' AS EntryId, channel AS Channel, status AS Status, error AS Error,
                     row_number() OVER (PARTITION BY payload->>'entryId', channel ORDER BY created_at DESC, id DESC) AS place
                 FROM publish_intents
                 WHERE user_id = @userId AND calendar_id = @calendarId AND {dialect.IsOneOf("(payload->>'entryId')", "entryIds")}
             ) AS ranked WHERE place = 1
             """,
            new { userId, calendarId, entryIds });
        return rows.ToLookup(row => row.EntryId, StringComparer.Ordinal);
    }

    private static IReadOnlyList<object?[]> Rows(IEnumerable<Intent> intents) =>
    [
        .. intents.Select(i => new object?[]
        {
            i.IntentId, i.CalendarId, i.RunId, i.UserId, i.Channel, i.Payload, i.Status, i.Error, i.CreatedAt,
        }),
    ];

    private sealed class Row
    {
        public required string Id { get; init; }

        public required string CalendarId { get; init; }

        public string? RunId { get; init; }

        public required string EntryId { get; init; }

        public required string Channel { get; init; }

        public required string Status { get; init; }

        public string? Error { get; init; }

        public DateTimeOffset CreatedAt { get; init; }
    }
}

internal sealed class LatestIntent
{
    public required string EntryId { get; init; }

    public required string Channel { get; init; }

    public required string Status { get; init; }

    public string? Error { get; init; }
}
