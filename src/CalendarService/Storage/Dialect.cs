using System.Data.Common;
using Dapper;

namespace CalendarService.Storage;

/// <summary>What differs between the two databases; the SQL of the features is the same for both.</summary>
internal abstract class Dialect
{
    /// <summary>Kind and place, safe to show.</summary>
    public abstract string Description { get; }

    /// <summary>Ends a SELECT that reads what the same transaction will write.</summary>
    public abstract string ForUpdate { get; }

    /// <summary>A parameter that holds JSON text for a column of type <see cref="JsonType"/>.</summary>
    public abstract string JsonParameter(string name);

    /// <summary>Whether an expression is one of the strings of an array parameter.</summary>
    public abstract string IsOneOf(string expression, string parameter);

    /// <summary>How many parameters a batched insert may have.</summary>
    public abstract int ParametersPerStatement { get; }

    public abstract string JsonType { get; }

    public abstract string TimestampType { get; }

    public abstract Task<DbConnection> OpenAsync(CancellationToken cancel);

    /// <summary>For the probe, which must not wait for anybody.</summary>
    public virtual Task<DbConnection> OpenProbeAsync(CancellationToken cancel) => OpenAsync(cancel);

    /// <summary>Whether it says by itself that it takes no writes.</summary>
    public virtual Task<bool> IsReadOnlyAsync(DbConnection connection, CancellationToken cancel) => Task.FromResult(false);

    /// <summary>
    /// After an outage: what is still pooled is broken or, where the database was read-only, still thinks so, and would each fail one
    /// more request.
    /// </summary>
    public virtual void ForgetConnections()
    {
    }

    /// <summary>A transaction that already holds what it needs to write.</summary>
    public abstract Task<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancel);

    /// <summary>How many of this process's requests may use the database at once; null is without limit.</summary>
    public virtual int? MostAtOnce => null;

    /// <summary>A transaction whose reads all see the same moment.</summary>
    public abstract Task<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancel);

    /// <summary>
    /// From now to the end of the transaction no statement takes longer than this: it fails, and the database is not away for that.
    /// </summary>
    /// <returns>To be disposed of before the connection is.</returns>
    public abstract Task<IDisposable?> LimitReadsAsync(DbConnection connection, TimeSpan limit, CancellationToken cancel);

    /// <summary>Several SELECTs, separated by semicolons, that all see the same moment.</summary>
    public virtual async Task<T> QuerySnapshotAsync<T>(
        DbConnection connection, string selects, object parameters, Func<SnapshotResults, Task<T>> read, CancellationToken cancel)
    {
        await using var snapshot = await BeginSnapshotAsync(connection, cancel);
        await using var reader = await connection.ExecuteReaderAsync(
            new CommandDefinition(selects, parameters, snapshot, cancellationToken: cancel));
        return await read(new SnapshotResults(reader, cancel));
    }

    /// <summary>Waits for this process's turn to write, where the database would make writers wait by blocking their threads.</summary>
    public virtual ValueTask<IDisposable?> TakeTurnAsync(CancellationToken cancel) => ValueTask.FromResult<IDisposable?>(null);

    /// <summary>Makes everybody else's migration wait until <paramref name="transaction"/> ends.</summary>
    public abstract Task LockMigrationsAsync(DbTransaction transaction, CancellationToken cancel);

    /// <summary>What a failure means to everybody else.</summary>
    public abstract StoreFault FaultOf(Exception error);

    /// <summary>A row is at fault, and will be for ever: its values, or a constraint on them.</summary>
    public abstract bool IsRowRefused(DbException error);
}
