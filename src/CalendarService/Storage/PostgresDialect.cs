using System.Data;
using System.Data.Common;
using System.Globalization;
using Dapper;
using Npgsql;

namespace CalendarService.Storage;

internal sealed class PostgresDialect(StoreAddress address, StoreOptions options, StoreHealth health, TimeProvider clock)
    : Dialect, IAsyncDisposable
{
    // Any constant will do; it has to be the same in every version of this program.
    private const long MigrationLock = 0x43414C454E444152;

    private static readonly TimeSpan OpenAgainAfter = TimeSpan.FromMilliseconds(50);

    // Sessions whose server answered somebody this short a time ago need no proof. A busy service never asks for one.
    private static readonly TimeSpan FreshFor = TimeSpan.FromMilliseconds(100);

    private readonly NpgsqlDataSource _source = BuildSource(address, new(address.ConnectionString));
    private readonly NpgsqlDataSource _probe = ProbeOf(address, options);
    private readonly SemaphoreSlim _waiting = new(1, 1);

    public override string Description => address.Description;

    // The pool's size is what the operator allows this process; the probe has one of them.
    public override int? MostAtOnce { get; } = Math.Max(1, new NpgsqlConnectionStringBuilder(address.ConnectionString).MaxPoolSize - 1);

    public override string ForUpdate => " FOR UPDATE";

    public override int ParametersPerStatement => 9_000; // 65,535 are allowed; longer text gains nothing.

    public override string JsonType => "jsonb";

    public override string TimestampType => "timestamptz";

    public override string JsonParameter(string name) => $"@{name}::jsonb";

    public override string IsOneOf(string expression, string parameter) => $"{expression} = ANY (@{parameter})";

    // A session that idled may be dead, ended by the server or by a firewall, and behind a pooler the server may be: a pooler lets a client
    // wait without a word. To find that out in a request's first statement would cost it the command's timeout.
    public override async Task<DbConnection> OpenAsync(CancellationToken cancel)
    {
        var connection = await OpenWithPatienceAsync(cancel);
        if (health.AnsweredWithin(FreshFor) || await AnswersAsync(connection, cancel))
            return connection;
        ForgetConnections();
        return await OpenWithPatienceAsync(cancel);
    }

    public override async Task<DbConnection> OpenProbeAsync(CancellationToken cancel)
    {
        if (!health.IsUp)
            _probe.Clear(); // A session keeps the defaults that it began with, read-only included.
        return await _probe.OpenConnectionAsync(cancel);
    }

    // True on a standby as well, whatever the settings.
    public override Task<bool> IsReadOnlyAsync(DbConnection connection, CancellationToken cancel) => connection.ExecuteScalarAsync<bool>(
        new CommandDefinition("SELECT current_setting('transaction_read_only')::boolean", cancellationToken: cancel));

    public override void ForgetConnections() => _source.Clear();

    public override async Task<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancel) =>
        await connection.BeginTransactionAsync(cancel);

    public override async Task<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancel) =>
        await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);

    // Of the transaction: a pooler would leave a session's setting behind.
    public override async Task<IDisposable?> LimitReadsAsync(DbConnection connection, TimeSpan limit, CancellationToken cancel)
    {
        await connection.ExecuteAsync(new CommandDefinition(
            string.Create(CultureInfo.InvariantCulture, $"SET LOCAL statement_timeout = {(int)Math.Ceiling(limit.TotalMilliseconds)}"),
            cancellationToken: cancel));
        return null;
    }

    // One round trip. BEGIN and COMMIT by the library's means would be two more.
    public override async Task<T> QuerySnapshotAsync<T>(
        DbConnection connection, string selects, object parameters, Func<SnapshotResults, Task<T>> read, CancellationToken cancel)
    {
        await using var reader = await connection.ExecuteReaderAsync(new CommandDefinition(
            $"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {selects}; COMMIT", parameters, cancellationToken: cancel));
        return await read(new SnapshotResults(reader, cancel));
    }

    // Of the transaction, not of the session: a transaction pooler would leave a session's lock behind.
    public override Task LockMigrationsAsync(DbTransaction transaction, CancellationToken cancel) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "SELECT pg_advisory_xact_lock(@MigrationLock)", new { MigrationLock }, transaction, cancellationToken: cancel));

    public override StoreFault FaultOf(Exception error) => PostgresFaults.Classify(error);

    // Classes 22, data exception, and 23, constraint violation.
    public override bool IsRowRefused(DbException error) =>
        error.SqlState is { } state
        && (state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("23", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _probe.DisposeAsync();
        _waiting.Dispose();
    }

    // One connection of its own: a pool that is full, or new connections that are refused, say nothing about the database.
    private static NpgsqlDataSource ProbeOf(StoreAddress address, StoreOptions options)
    {
        var seconds = (int)Math.Ceiling(options.ProbeTimeout.TotalSeconds);
        return BuildSource(
            address,
            new(address.ConnectionString)
            {
                MinPoolSize = 0,
                MaxPoolSize = 1,
                Timeout = seconds,
                CommandTimeout = seconds,
                CancellationTimeout = -1, // A server that does not answer will not answer to a cancel request either.
            },
            tracing => tracing.ConfigureCommandFilter(_ => false).ConfigureBatchFilter(_ => false));
    }

    private static NpgsqlDataSource BuildSource(
        StoreAddress address, NpgsqlConnectionStringBuilder settings, Action<NpgsqlTracingOptionsBuilder>? tracing = null)
    {
        // The name stands in spans in place of the connection string.
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = "calendar" };
        if (tracing is not null)
            builder.ConfigureTracing(tracing);
        return address.Session is { } session ? builder.BuildMultiHost().WithTargetSession(session) : builder.Build();
    }

    /// <summary>Waits while the server is too busy for one more connection, unless it turns out to be away.</summary>
    private async Task<NpgsqlConnection> OpenWithPatienceAsync(CancellationToken cancel)
    {
        var started = clock.GetTimestamp();
        try
        {
            return await _source.OpenConnectionAsync(cancel);
        }
        catch (NpgsqlException busy) when (IsWorthWaiting(busy, started))
        {
            // Below: one at a time. All of them at the door of a server that has too many already would only make it slower.
        }

        await _waiting.WaitAsync(cancel);
        try
        {
            while (true)
            {
                try
                {
                    return await _source.OpenConnectionAsync(cancel);
                }
                catch (NpgsqlException busy) when (IsWorthWaiting(busy, started))
                {
                    await Task.Delay(OpenAgainAfter, clock, cancel);
                }
            }
        }
        finally
        {
            _waiting.Release();
        }
    }

    private bool IsWorthWaiting(NpgsqlException busy, long started) =>
        FaultOf(busy) == StoreFault.NotNow && health.IsReadable && clock.GetElapsedTime(started) < options.BusyTimeout;

    /// <returns>False when the session is dead; it is closed then.</returns>
    /// <exception cref="TimeoutException">There was no answer in time.</exception>
    private async Task<bool> AnswersAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var answer = AskAsync(connection);
        try
        {
            var answered = await answer.WaitAsync(options.ProbeTimeout, clock, cancel);
            if (answered)
                health.NoteAnswer();
            return answered;
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            // It ends by itself. To wait for that would be to wait for the server.
            _ = answer.ContinueWith(_ => connection.Dispose(), TaskScheduler.Default);
            throw;
        }
    }

    private async Task<bool> AskAsync(NpgsqlConnection connection)
    {
        try
        {
            await using var ask = connection.CreateCommand();
            ask.CommandText = "SELECT 1";
            ask.CommandTimeout = (int)Math.Ceiling(options.ProbeTimeout.TotalSeconds);
            await ask.ExecuteNonQueryAsync(CancellationToken.None);
            return true;
        }
        catch (NpgsqlException dead)
        {
            await connection.DisposeAsync();
            if (FaultOf(dead) == StoreFault.NotNow)
                throw; // Too slow, which another session would be too.
            return false;
        }
    }
}
