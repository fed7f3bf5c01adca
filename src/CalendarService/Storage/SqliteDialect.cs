using System.Data;
using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CalendarService.Storage;

internal sealed class SqliteDialect : Dialect, IDisposable
{
    // Two writers at once would have one sleeping in the library, on a thread.
    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly string _file;
    private readonly string _connectionString;

    public SqliteDialect(StoreAddress address)
    {
        _file = address.ConnectionString;
        Description = address.Description;
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = _file,
            Mode = SqliteOpenMode.ReadWriteCreate,
            ForeignKeys = true,
            DefaultTimeout = 5,
        }.ToString();
    }

    public override string Description { get; }

    public override string ForUpdate => ""; // BEGIN IMMEDIATE already keeps every other writer out.

    // Binding looks every name up in a list; a further statement costs no round trip.
    public override int ParametersPerStatement => 500;

    public override string JsonType => "TEXT";

    public override string TimestampType => "TEXT";

    public override string JsonParameter(string name) => "@" + name;

    // Dapper writes the items out where the database has no arrays.
    public override string IsOneOf(string expression, string parameter) => $"{expression} IN @{parameter}";

    public override async Task<DbConnection> OpenAsync(CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        var connection = new SqliteConnection(_connectionString);
        try
        {
            await connection.OpenAsync(cancel);
            await connection.ExecuteAsync("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;");
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override Task<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancel) =>
        // Serializable, not deferred: the library sends BEGIN IMMEDIATE.
        Task.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(IsolationLevel.Serializable, deferred: false));

    // Deferred, so that it neither waits for a writer nor keeps one waiting.
    public override Task<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancel) =>
        Task.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(IsolationLevel.Serializable, deferred: true));

    // The library knows no limit of its own: what runs for too long is interrupted from beside it.
    public override Task<IDisposable?> LimitReadsAsync(DbConnection connection, TimeSpan limit, CancellationToken cancel)
    {
        var handle = ((SqliteConnection)connection).Handle!;
        var limited = new CancellationTokenSource(limit);
        limited.Token.UnsafeRegister(static handle => raw.sqlite3_interrupt((sqlite3)handle!), handle);
        return Task.FromResult<IDisposable?>(limited);
    }

    public override async ValueTask<IDisposable?> TakeTurnAsync(CancellationToken cancel)
    {
        await _writer.WaitAsync(cancel);
        return new Turn(_writer);
    }

    public override Task LockMigrationsAsync(DbTransaction transaction, CancellationToken cancel) => Task.CompletedTask;

    public override StoreFault FaultOf(Exception error) => error switch
    {
        SqliteException refused => FaultOf(refused.SqliteErrorCode),
        IOException or UnauthorizedAccessException => StoreFault.Away,
        _ => StoreFault.None,
    };

    // TOOBIG, CONSTRAINT, MISMATCH.
    public override bool IsRowRefused(DbException error) => error is SqliteException { SqliteErrorCode: 18 or 19 or 20 };

    public void Dispose() => _writer.Dispose();

    // SQLite's primary result codes.
    private static StoreFault FaultOf(int code) => code switch
    {
        5 or 6 => StoreFault.NotNow, // BUSY, LOCKED: another process keeps it for longer than busy_timeout.
        9 => StoreFault.NotNow, // INTERRUPT: it took longer than it may.
        8 or 13 => StoreFault.WritesAway, // READONLY, FULL
        10 or 11 or 14 or 26 => StoreFault.Away, // IOERR, CORRUPT, CANTOPEN, NOTADB
        _ => StoreFault.None,
    };

    private sealed class Turn(SemaphoreSlim writer) : IDisposable
    {
        public void Dispose() => writer.Release();
    }
}
