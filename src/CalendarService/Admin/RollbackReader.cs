using System.Data.Common;
using CalendarService.Storage;
using Dapper;

namespace CalendarService.Admin;

/// <summary>Counts what the database holds, at one moment and within <c>Admin:ReadTimeout</c> a statement.</summary>
internal sealed class RollbackReader(Database database, AdminOptions options, TimeProvider clock)
{
    private static readonly TimeSpan Recently = TimeSpan.FromDays(1);

    private const string IsManual = "edited_fields <> '[]' OR removed = 'manual'";

    private const string TotalsSelect =
        $"""
         SELECT c.number AS Calendars, e.live AS Entries, e.manual AS ManualEdits, r.number AS Runs, i.number AS Intents,
             c.first AS FirstCalendar, r.first AS FirstRun, i.first AS FirstIntent,
             (SELECT count(*) FROM (
                 SELECT user_id FROM calendars UNION SELECT user_id FROM runs UNION SELECT user_id FROM publish_intents) u) AS Users
         FROM (SELECT count(*) AS number, min(created_at) AS first FROM calendars) c,
             (SELECT count(*) FILTER (WHERE removed IS NULL) AS live, count(*) FILTER (WHERE {IsManual}) AS manual FROM entries) e,
             (SELECT count(*) AS number, min(created_at) AS first FROM runs) r,
             (SELECT count(*) AS number, min(created_at) AS first FROM publish_intents) i
         """;

    private const string ActiveSelect =
        """
        SELECT user_id AS UserId, max(at) AS LastActiveAt, count(*) OVER () AS Total FROM (
            SELECT user_id, updated_at AS at FROM calendars WHERE updated_at >= @since
            UNION ALL SELECT user_id, created_at FROM runs WHERE created_at >= @since
            UNION ALL SELECT user_id, created_at FROM publish_intents WHERE created_at >= @since) a
        GROUP BY user_id ORDER BY LastActiveAt DESC, UserId LIMIT @limit
        """;

    public Task<RollbackReport> ReadAsync(int limit, CancellationToken cancel) => database.SnapshotAsync(
        async connection =>
        {
            using var watch = await database.Dialect.LimitReadsAsync(connection, options.ReadTimeout, cancel);
            var now = clock.GetUtcNow();
            var since = TimestampHandler.Round(now - Recently);
            var totals = await connection.QuerySingleAsync<TotalsRow>(Command(TotalsSelect, null, cancel));
            ActiveRow[] active = [.. await connection.QueryAsync<ActiveRow>(Command(ActiveSelect, new { since, limit }, cancel))];
            var rows = await CountAsync(connection, [.. active.Select(user => user.UserId)], cancel);
            return new RollbackReport(
                now, totals.Since, totals.Users, totals.ToCounts(), since, active.FirstOrDefault()?.Total ?? 0,
                [.. active.Select(user => new ActiveUser(user.UserId, user.LastActiveAt, rows[user.UserId]))]);
        },
        cancel);

    /// <summary>What each of these users has: by their indexes, however much there is of others'.</summary>
    private async Task<IReadOnlyDictionary<string, RollbackCounts>> CountAsync(
        DbConnection connection, string[] users, CancellationToken cancel)
    {
        if (users.Length == 0)
            return new Dictionary<string, RollbackCounts>(StringComparer.Ordinal);
        var theirs = database.Dialect.IsOneOf("user_id", "users");
        var counted = await connection.QueryAsync<CountRow>(Command(
            $"""
             SELECT user_id AS UserId, 'calendars' AS Kind, count(*) AS Number, 0 AS Manual FROM calendars WHERE {theirs} GROUP BY user_id
             UNION ALL SELECT user_id, 'entries', count(*) FILTER (WHERE removed IS NULL), count(*) FILTER (WHERE {IsManual})
                 FROM entries WHERE {theirs} GROUP BY user_id
             UNION ALL SELECT user_id, 'runs', count(*), 0 FROM runs WHERE {theirs} GROUP BY user_id
             UNION ALL SELECT user_id, 'intents', count(*), 0 FROM publish_intents WHERE {theirs} GROUP BY user_id
             """,
            new { users }, cancel));
        var byUser = counted.ToLookup(row => row.UserId, StringComparer.Ordinal);
        return users.ToDictionary(
            user => user,
            user => new RollbackCounts(
                Number(user, "calendars"), Number(user, "entries"), byUser[user].Sum(row => row.Manual), Number(user, "runs"),
                Number(user, "intents")),
            StringComparer.Ordinal);

        long Number(string user, string kind) => byUser[user].Where(row => row.Kind == kind).Sum(row => row.Number);
    }

    private static CommandDefinition Command(string select, object? parameters, CancellationToken cancel) =>
        new(select, parameters, cancellationToken: cancel);

    // Settable, because Dapper converts a column's type only into properties.
    private sealed class TotalsRow
    {
        public long Calendars { get; init; }

        public long Entries { get; init; }

        public long ManualEdits { get; init; }

        public long Runs { get; init; }

        public long Intents { get; init; }

        public long Users { get; init; }

        public DateTimeOffset? FirstCalendar { get; init; }

        public DateTimeOffset? FirstRun { get; init; }

        public DateTimeOffset? FirstIntent { get; init; }

        public DateTimeOffset? Since => new[] { FirstCalendar, FirstRun, FirstIntent }.Min();

        public RollbackCounts ToCounts() => new(Calendars, Entries, ManualEdits, Runs, Intents);
    }

    private sealed class ActiveRow
    {
        public required string UserId { get; init; }

        public DateTimeOffset LastActiveAt { get; init; }

        public long Total { get; init; }
    }

    private sealed class CountRow
    {
        public required string UserId { get; init; }

        public required string Kind { get; init; }

        public long Number { get; init; }

        public long Manual { get; init; }
    }
}
