using System.Data;
using System.Data.Common;
using System.Net.Sockets;
using Dapper;
using Npgsql;

namespace CalendarService.Storage;

internal sealed class PostgresDialect(StoreAddress address) : Dialect, IAsyncDisposable
{
    // Any constant will do; it has to be the same in every version of this program.
    private const long MigrationLock = 0x43414C454E444152;

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(address.ConnectionString);

    public override string Description => address.Description;

    // The pool, but for one that is left to the probe.
    public override int? MostAtOnce { get; } = Math.Max(1, new NpgsqlConnectionStringBuilder(address.ConnectionString).MaxPoolSize - 1);

    public override string ForUpdate => " FOR UPDATE";

    public override int ParametersPerStatement => 9_000; // 65,535 are allowed; longer text gains nothing.

    public override string JsonType => "jsonb";

    public override string TimestampType => "timestamptz";

    public override string JsonParameter(string name) => $"@{name}::jsonb";

    public override string IsOneOf(string expression, string parameter) => $"{expression} = ANY (@{parameter})";

    public override async Task<DbConnection> OpenAsync(CancellationToken cancel) => await _source.OpenConnectionAsync(cancel);

    public override void ForgetConnections() => _source.Clear();

    public override async Task<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancel) =>
        await connection.BeginTransactionAsync(cancel);

    public override async Task<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancel) =>
        await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);

    // One round trip. BEGIN and COMMIT by the library's means would be two more.
    public override async Task<T> QuerySnapshotAsync<T>(
        DbConnection connection, string selects, object parameters, Func<SqlMapper.GridReader, Task<T>> read, CancellationToken cancel)
    {
        await using var results = await connection.QueryMultipleAsync(new CommandDefinition(
            $"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {selects}; COMMIT", parameters, cancellationToken: cancel));
        return await read(results);
    }

    // Of the transaction, not of the session: a transaction pooler would leave a session's lock behind.
    public override Task LockMigrationsAsync(DbTransaction transaction, CancellationToken cancel) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "SELECT pg_advisory_xact_lock(@MigrationLock)", new { MigrationLock }, transaction, cancellationToken: cancel));

    public override bool IsOutage(Exception error) => error switch
    {
        PostgresException refused => IsOutage(refused.SqlState),
        NpgsqlException => true, // Connecting, reading, writing or waiting failed: nothing came from the server.
        SocketException or TimeoutException or IOException => true,
        _ => false,
    };

    // Classes 22, data exception, and 23, constraint violation.
    public override bool IsRowRefused(DbException error) =>
        error.SqlState is { } state
        && (state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("23", StringComparison.Ordinal));

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    // XX000 is how poolers say that they have no server.
    private static bool IsOutage(string sqlState) =>
        sqlState.StartsWith("08", StringComparison.Ordinal)
        || sqlState.StartsWith("53", StringComparison.Ordinal)
        || sqlState is "57P01" or "57P02" or "57P03" or "XX000";
}
