using System.Data.Common;
using System.Text.Json;
using CalendarService.Storage;
using Dapper;
using ServiceDefaults.Wire;

namespace CalendarService.Runs;

/// <summary>Rows of <c>runs</c> and <c>run_events</c>.</summary>
internal sealed class RunStore(Dialect dialect, TimeProvider clock)
{
    private const string Columns =
        """
        id AS Id, user_id AS UserId, calendar_id AS CalendarId, brief AS Brief, fills AS Fills, status AS Status, partial AS Partial,
        message AS Message, entries AS Entries, request_id AS RequestId, created_at AS CreatedAt, finished_at AS FinishedAt
        """;

    private const string MarkColumns = "id AS RunId, calendar_id AS CalendarId, partial AS Partial";

    /// <summary>
    /// What a publish of <c>@calendarId</c> of <c>@userId</c> has to know of its runs. All of them: to pick those that wrote its entries
    /// takes the database longer than to send the few that a calendar has.
    /// </summary>
    public const string MarksSelect = $"SELECT {MarkColumns} FROM runs WHERE user_id = @userId AND calendar_id = @calendarId";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private static readonly string[] EventColumns = ["run_id", "seq", "type", "data"];

    private readonly BatchInsert _events = new(dialect, "run_events", EventColumns);
    private readonly BatchInsert _missingEvents = new(dialect, "run_events", EventColumns, "ON CONFLICT DO NOTHING");

    public Task InsertAsync(DbTransaction transaction, Run run) => transaction.Connection!.ExecuteAsync(
        """
        INSERT INTO runs (id, user_id, calendar_id, brief, fills, status, partial, message, entries, request_id,
            created_at, finished_at, alive_at, listened_at, cancel_requested)
        VALUES (@RunId, @UserId, @CalendarId, @brief, @Fills, 'running', @Partial, NULL, 0, @RequestId,
            @CreatedAt, NULL, @CreatedAt, @CreatedAt, @no)
        """,
        new
        {
            run.RunId, run.UserId, run.CalendarId, brief = JsonSerializer.Serialize(run.Command, Json), run.Fills,
            run.Partial, run.RequestId, run.CreatedAt, no = false,
        },
        transaction);

    public async Task<Run?> FindAsync(DbConnection connection, string userId, string runId, DbTransaction? transaction = null) =>
        (await connection.QuerySingleOrDefaultAsync<Row>(
            $"SELECT {Columns} FROM runs WHERE id = @runId AND user_id = @userId", new { userId, runId }, transaction))?.ToRun();

    /// <summary>Whether it is a run of anybody's.</summary>
    public static Task<bool> ExistsAsync(DbConnection connection, string runId) =>
        connection.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM runs WHERE id = @runId)", new { runId });

    /// <summary>What a publish has to know of a calendar's runs, by id.</summary>
    public static async Task<IReadOnlyDictionary<string, RunMark>> MarksAsync(
        DbConnection connection, DbTransaction? transaction, string userId, string calendarId) =>
        (await connection.QueryAsync<RunMark>(MarksSelect, new { userId, calendarId }, transaction))
            .ToDictionary(mark => mark.RunId, StringComparer.Ordinal);

    /// <summary>The result of <see cref="MarksSelect"/>, by id.</summary>
    public static async Task<IReadOnlyDictionary<string, RunMark>> MarksAsync(SnapshotResults results) =>
        (await results.ReadAsync<RunMark>()).ToDictionary(mark => mark.RunId, StringComparer.Ordinal);

    public Task AppendAsync(DbTransaction transaction, string runId, IEnumerable<RunEvent> events, CancellationToken cancel) =>
        _events.ExecuteAsync(transaction, Rows(runId, events), cancel);

    /// <summary>For events of which some may be there: the answer to an earlier COMMIT did not arrive.</summary>
    public Task AppendMissingAsync(DbTransaction transaction, string runId, IEnumerable<RunEvent> events, CancellationToken cancel) =>
        _missingEvents.ExecuteAsync(transaction, Rows(runId, events), cancel);

    /// <returns>False when somebody declared the run dead: it is theirs now.</returns>
    public async Task<bool> ProgressAsync(DbTransaction transaction, string runId, int entries) =>
        await transaction.Connection!.ExecuteAsync(
            "UPDATE runs SET entries = @entries, alive_at = @now WHERE id = @runId AND status = 'running'",
            new { runId, entries, now = clock.GetUtcNow() }, transaction) == 1;

    /// <returns>False when it had ended already.</returns>
    public async Task<bool> FinishAsync(
        DbTransaction transaction, string runId, RunStatus status, bool partial, string? message, int entries) =>
        await transaction.Connection!.ExecuteAsync(
            """
            UPDATE runs SET status = @status, partial = @partial, message = @message, entries = @entries, finished_at = @now
            WHERE id = @runId AND status = 'running'
            """,
            new { runId, status = status.ToLabel(), partial, message, entries, now = clock.GetUtcNow() },
            transaction) == 1;

    /// <summary>Tells that the run's process lives.</summary>
    /// <returns>What other processes want of it; null when it is no longer running.</returns>
    public async Task<RunWishes?> BeatAsync(DbTransaction transaction, string runId)
    {
        var connection = transaction.Connection!;
        var alive = await connection.ExecuteAsync(
            "UPDATE runs SET alive_at = @now WHERE id = @runId AND status = 'running'", new { runId, now = clock.GetUtcNow() },
            transaction);
        return alive == 0 ? null : await connection.QuerySingleAsync<RunWishes>(
            "SELECT cancel_requested AS Cancel, listened_at AS ListenedAt FROM runs WHERE id = @runId", new { runId }, transaction);
    }

    public Task RequestCancelAsync(DbTransaction transaction, string runId) => transaction.Connection!.ExecuteAsync(
        "UPDATE runs SET cancel_requested = @yes WHERE id = @runId", new { runId, yes = true }, transaction);

    /// <returns>False when it has ended.</returns>
    public async Task<bool> NoteListenerAsync(DbTransaction transaction, string runId) => await transaction.Connection!.ExecuteAsync(
        "UPDATE runs SET listened_at = @now WHERE id = @runId AND status = 'running'",
        new { runId, now = clock.GetUtcNow() }, transaction) == 1;

    public async Task<IReadOnlyList<Run>> DeadAsync(DbTransaction transaction, DateTimeOffset silentSince) =>
    [
        .. (await transaction.Connection!.QueryAsync<Row>(
            $"SELECT {Columns} FROM runs WHERE status = 'running' AND alive_at < @silentSince LIMIT 100{dialect.ForUpdate}",
            new { silentSince }, transaction)).Select(row => row.ToRun()),
    ];

    public async Task<IReadOnlyList<RunEvent>> EventsAsync(DbConnection connection, string runId, long after, int take) =>
    [
        .. (await connection.QueryAsync<EventRow>(
            """
            SELECT seq AS Seq, type AS Type, data AS Data FROM run_events
            WHERE run_id = @runId AND seq > @after ORDER BY seq LIMIT @take
            """,
            new { runId, after, take })).Select(row => new RunEvent(row.Seq, row.Type, row.Data)),
    ];

    public Task<long> LastSeqAsync(DbTransaction transaction, string runId) => transaction.Connection!.ExecuteScalarAsync<long>(
        "SELECT coalesce(max(seq), 0) FROM run_events WHERE run_id = @runId", new { runId }, transaction);

    /// <summary>The entries of a run, as they were when it told them.</summary>
    public async Task<IReadOnlyList<Entry>> EntriesAsync(DbConnection connection, DbTransaction? transaction, string runId) =>
    [
        .. (await connection.QueryAsync<string>(
            "SELECT data FROM run_events WHERE run_id = @runId AND type = 'entry'", new { runId }, transaction))
            .Select(data => JsonSerializer.Deserialize<EntryFrame>(data, Json)!.Entry),
    ];

    private static object?[][] Rows(string runId, IEnumerable<RunEvent> events) =>
        [.. events.Select(e => new object?[] { runId, e.Seq, e.Type, e.Data })];

    private sealed class EventRow
    {
        public long Seq { get; init; }

        public required string Type { get; init; }

        public required string Data { get; init; }
    }

    private sealed class Row
    {
        public required string Id { get; init; }

        public required string UserId { get; init; }

        public required string CalendarId { get; init; }

        public required string Brief { get; init; }

        public bool Fills { get; init; }

        public required string Status { get; init; }

        public bool Partial { get; init; }

        public string? Message { get; init; }

        public int Entries { get; init; }

        public required string RequestId { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset? FinishedAt { get; init; }

        public Run ToRun() => new(
            Id, UserId, CalendarId, JsonSerializer.Deserialize<GenerateCommand>(Brief, Json)!, Fills, RunStatusLabels.Parse(Status),
            Partial, Message, Entries, RequestId, CreatedAt, FinishedAt);
    }
}
