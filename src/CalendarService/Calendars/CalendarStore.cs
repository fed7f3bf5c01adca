using System.Data.Common;
using CalendarService.Requests;
using CalendarService.Storage;
using Dapper;

namespace CalendarService.Calendars;

/// <summary>Rows of <c>calendars</c> and <c>entries</c>. What is done in one transaction is the caller's choice.</summary>
internal sealed class CalendarStore(Dialect dialect, TimeProvider clock)
{
    private const string HeadColumns =
        """
        user_id AS UserId, id AS Id, title AS Title, timezone AS Timezone, version AS Version, latest_run_id AS LatestRunId,
        created_at AS CreatedAt, updated_at AS UpdatedAt
        """;

    /// <summary>The head of <c>@calendarId</c> of <c>@userId</c>.</summary>
    public const string HeadSelect =
        $"""
         SELECT {HeadColumns}, EXISTS (
             SELECT 1 FROM runs WHERE runs.user_id = @userId AND runs.calendar_id = @calendarId
             AND runs.fills AND runs.status = 'running') AS Filling
         FROM calendars WHERE user_id = @userId AND id = @calendarId
         """;

    /// <summary>Live entries, by time, without their merge base.</summary>
    public const string LiveSelect =
        $"""
         SELECT {EntryRow.ColumnsWithoutBase} FROM entries
         WHERE user_id = @userId AND calendar_id = @calendarId AND removed IS NULL ORDER BY scheduled_at, id
         """;

    private readonly BatchInsert _upsert = new(
        dialect, "entries", EntryRow.Written,
        "ON CONFLICT (user_id, calendar_id, id) DO UPDATE SET " + string.Join(
            ", ", EntryRow.Written.Skip(3).Select(column => $"{column} = excluded.{column}")));

    private readonly BatchInsert _insertMissing = new(dialect, "entries", EntryRow.Written, "ON CONFLICT DO NOTHING");

    public async Task<Page<CalendarSummary>> ListAsync(DbConnection connection, string userId, PageCursor cursor, int limit)
    {
        var rows = await connection.QueryAsync<HeadRow>(
            $"""
             SELECT {HeadColumns} FROM calendars
             WHERE user_id = @userId AND (created_at < @At OR (created_at = @At AND id < @Id))
             ORDER BY created_at DESC, id DESC LIMIT @take
             """,
            new { userId, cursor.At, cursor.Id, take = limit + 1 });
        var page = Page<HeadRow>.Cut([.. rows], limit, row => new PageCursor(row.CreatedAt, row.Id));
        return new(
            [.. page.Items.Select(r => new CalendarSummary(r.Id, r.Title, r.Timezone, r.Version, r.LatestRunId, r.UpdatedAt))],
            page.NextCursor);
    }

    public Task<CalendarHead?> HeadAsync(DbConnection connection, string userId, string calendarId) =>
        HeadAsync(connection, null, userId, calendarId, HeadSelect);

    /// <summary>Why there is no such calendar of the user's.</summary>
    public static async Task<RefusedException> ExplainMissingAsync(DbConnection connection, string calendarId) =>
        RefusedException.CalendarNotFound(calendarId, await connection.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM calendars WHERE id = @calendarId)", new { calendarId }));

    /// <summary>Also keeps every other writer of this calendar out until the transaction ends.</summary>
    public Task<CalendarHead?> LockAsync(DbTransaction transaction, string userId, string calendarId) =>
        HeadAsync(transaction.Connection!, transaction, userId, calendarId, HeadSelect + dialect.ForUpdate);

    /// <summary>The result of <see cref="HeadSelect"/>.</summary>
    public static async Task<CalendarHead?> HeadAsync(SnapshotResults results, string userId) =>
        (await results.ReadSingleOrDefaultAsync<HeadRow>())?.ToHead(userId);

    /// <summary>The result of <see cref="LiveSelect"/>.</summary>
    public static async Task<IReadOnlyList<StoredEntry>> LiveAsync(SnapshotResults results) =>
        ByTime(EntryRow.ToStored(await results.ReadAsync<EntryRow>()));

    /// <param name="version">1, as the contents come in the same transaction or from the run that fills it.</param>
    public async Task<bool> TryCreateAsync(DbTransaction transaction, CalendarHead head) =>
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO calendars (user_id, id, title, timezone, version, latest_run_id, created_at, updated_at)
            VALUES (@UserId, @CalendarId, @Title, @Timezone, @Version, @LatestRunId, @UpdatedAt, @UpdatedAt)
            ON CONFLICT DO NOTHING
            """,
            head, transaction) == 1;

    /// <summary>Writes title, time zone and latest run, and moves the version by one.</summary>
    public async Task<CalendarHead> BumpAsync(DbTransaction transaction, CalendarHead head)
    {
        head = head with { Version = head.Version + 1, UpdatedAt = TimestampHandler.Round(clock.GetUtcNow()) };
        await transaction.Connection!.ExecuteAsync(
            """
            UPDATE calendars SET title = @Title, timezone = @Timezone, version = @Version, updated_at = @UpdatedAt
            WHERE user_id = @UserId AND id = @CalendarId
            """,
            head, transaction);
        return head;
    }

    /// <summary>A run that waits for apply is the latest, and changes nothing else.</summary>
    public Task NoteRunAsync(DbTransaction transaction, string userId, string calendarId, string runId) =>
        transaction.Connection!.ExecuteAsync(
            "UPDATE calendars SET latest_run_id = @runId WHERE user_id = @userId AND id = @calendarId",
            new { userId, calendarId, runId }, transaction);

    /// <summary>Live entries, by time, without their merge base.</summary>
    public async Task<IReadOnlyList<StoredEntry>> LiveAsync(DbConnection connection, string userId, string calendarId) =>
        ByTime(EntryRow.ToStored(await connection.QueryAsync<EntryRow>(LiveSelect, new { userId, calendarId })));

    /// <summary>Every row, removed ones included.</summary>
    public async Task<IReadOnlyList<StoredEntry>> StoredAsync(
        DbConnection connection, string userId, string calendarId, DbTransaction? transaction = null) =>
        EntryRow.ToStored(await connection.QueryAsync<EntryRow>(
            $"SELECT {EntryRow.Columns} FROM entries WHERE user_id = @userId AND calendar_id = @calendarId",
            new { userId, calendarId }, transaction));

    public async Task<StoredEntry?> FindAsync(DbTransaction transaction, string userId, string calendarId, string entryId) =>
        EntryRow.ToStored(await transaction.Connection!.QueryAsync<EntryRow>(
            $"SELECT {EntryRow.Columns} FROM entries WHERE user_id = @userId AND calendar_id = @calendarId AND id = @entryId",
            new { userId, calendarId, entryId }, transaction)).SingleOrDefault();

    /// <summary>
    /// Live entries after a place in time order and before a time, without their merge base, for reading a large calendar piece by piece.
    /// Time is the moment that was stored, which may differ from an entry's where a zone's rules have changed since.
    /// </summary>
    /// <returns>They, and where the next piece begins.</returns>
    public async Task<(IReadOnlyList<StoredEntry> Entries, (DateTimeOffset Time, string EntryId) End)> PieceAsync(
        DbConnection connection, string userId, string calendarId, (DateTimeOffset Time, string EntryId) after, DateTimeOffset before,
        int take)
    {
        EntryRow[] rows =
        [
            // The place as a row value: an OR of two comparisons would read the index from its beginning for every piece.
            .. await connection.QueryAsync<EntryRow>(
                $"""
                 SELECT {EntryRow.ColumnsWithoutBase} FROM entries
                 WHERE user_id = @userId AND calendar_id = @calendarId AND removed IS NULL
                   AND (scheduled_at, id) > (@Time, @EntryId) AND scheduled_at < @before
                 ORDER BY scheduled_at, id LIMIT @take
                 """,
                new { userId, calendarId, after.Time, after.EntryId, before, take }),
        ];
        return (EntryRow.ToStored(rows), rows.Length == 0 ? after : rows[^1].Place);
    }

    /// <returns>Null when the user has none of this id.</returns>
    public Task<long?> VersionAsync(DbConnection connection, string userId, string calendarId) =>
        connection.ExecuteScalarAsync<long?>(
            "SELECT version FROM calendars WHERE user_id = @userId AND id = @calendarId", new { userId, calendarId });

    /// <summary>Whether any entry of the calendar, removed ones included, comes from the run.</summary>
    public Task<bool> HasEntryFromAsync(DbConnection connection, string userId, string calendarId, string runId) =>
        connection.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM entries WHERE user_id = @userId AND calendar_id = @calendarId AND run_id = @runId)",
            new { userId, calendarId, runId });

    public Task SaveAsync(
        DbTransaction transaction, CalendarHead head, IEnumerable<StoredEntry> entries, CancellationToken cancel) =>
        _upsert.ExecuteAsync(transaction, [.. entries.Select(e => EntryRow.ToValues(head.UserId, head.CalendarId, e))], cancel);

    /// <summary>For a run that fills a calendar: what a person put there meanwhile stays.</summary>
    public Task FillAsync(
        DbTransaction transaction, string userId, string calendarId, IEnumerable<StoredEntry> entries, CancellationToken cancel) =>
        _insertMissing.ExecuteAsync(transaction, [.. entries.Select(e => EntryRow.ToValues(userId, calendarId, e))], cancel);

    // The database orders by the moments that were stored; where a zone's rules changed since, an entry's may be another one.
    private static IReadOnlyList<StoredEntry> ByTime(IReadOnlyList<StoredEntry> entries)
    {
        for (var i = 1; i < entries.Count; i++)
        {
            if (entries[i].Entry.ScheduledAt < entries[i - 1].Entry.ScheduledAt)
                return [.. entries.OrderBy(stored => stored.Entry.ScheduledAt)];
        }

        return entries;
    }

    private static async Task<CalendarHead?> HeadAsync(
        DbConnection connection, DbTransaction? transaction, string userId, string calendarId, string select) =>
        (await connection.QuerySingleOrDefaultAsync<HeadRow>(select, new { userId, calendarId }, transaction))?.ToHead(userId);

    private sealed class HeadRow
    {
        public required string Id { get; init; }

        public required string Title { get; init; }

        public required string Timezone { get; init; }

        public long Version { get; init; }

        public string? LatestRunId { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset UpdatedAt { get; init; }

        public bool Filling { get; init; }

        public CalendarHead ToHead(string userId) => new(userId, Id, Title, Timezone, Version, LatestRunId, UpdatedAt, Filling);
    }
}
