using System.Data.Common;
using Dapper;

namespace CalendarService.Storage;

/// <summary>The one way to the database: every read and every transaction passes the circuit and gets its failure classified.</summary>
internal sealed class Database(Dialect dialect, StoreHealth health, StoreOptions options) : IDisposable
{
    // In front of the pool: that one gives up as early as a connect has to, and its error looks like an outage, which a busy
    // database is not.
    private readonly SemaphoreSlim? _places = dialect.MostAtOnce is { } most ? new(most) : null;

    public Dialect Dialect => dialect;

    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancel)
    {
        using var place = await TakePlaceAsync(cancel);
        RefuseWhenDown();
        try
        {
            await using var connection = await OpenAsync(cancel);
            return await work(connection);
        }
        catch (Exception error) when (dialect.IsOutage(error))
        {
            ReportOutage(error);
            throw new StoreUnavailableException(nothingWritten: true, error);
        }
    }

    /// <summary>Reads that belong together: what one of them sees is as old as what the next one sees.</summary>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    public Task<T> SnapshotAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancel) => ReadAsync(
        async connection =>
        {
            await using var snapshot = await dialect.BeginSnapshotAsync(connection, cancel);
            return await work(connection);
        },
        cancel);

    /// <summary>Several SELECTs of one moment, in one round trip.</summary>
    /// <param name="selects">Separated by semicolons; their results come in this order.</param>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    public Task<T> SnapshotAsync<T>(
        string selects, object parameters, Func<SqlMapper.GridReader, Task<T>> read, CancellationToken cancel) =>
        ReadAsync(connection => dialect.QuerySnapshotAsync(connection, selects, parameters, read, cancel), cancel);

    /// <summary>Runs <paramref name="work"/> in one transaction and commits it, unless it throws.</summary>
    /// <exception cref="StoreUnavailableException">The database is away; says whether anything can have been written.</exception>
    public Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken cancel) => WriteAsync(
        async (connection, committing) =>
        {
            await using var transaction = await dialect.BeginWriteAsync(connection, cancel);
            var result = await work(transaction);
            committing();
            await transaction.CommitAsync(CancellationToken.None); // Cancelled half-way, its outcome would be unknown.
            return result;
        },
        cancel);

    public Task WriteAsync(Func<DbTransaction, Task> work, CancellationToken cancel) =>
        WriteAsync(
            async transaction =>
            {
                await work(transaction);
                return true;
            },
            cancel);

    /// <summary>Runs one statement that is a transaction by itself, which saves the round trip of a COMMIT.</summary>
    /// <param name="statement">Not to be cancelled: its outcome would be unknown.</param>
    /// <exception cref="StoreUnavailableException">The database is away; says whether anything can have been written.</exception>
    public Task WriteAloneAsync(Func<DbConnection, Task> statement, CancellationToken cancel) => WriteAsync(
        async (connection, committing) =>
        {
            committing();
            await statement(connection);
            return true;
        },
        cancel);

    public void Dispose() => _places?.Dispose();

    private async Task<T> WriteAsync<T>(Func<DbConnection, Action, Task<T>> write, CancellationToken cancel)
    {
        using var place = await TakePlaceAsync(cancel);
        RefuseWhenDown();
        var committing = false;
        try
        {
            using var turn = await dialect.TakeTurnAsync(cancel);
            await using var connection = await OpenAsync(cancel);
            return await write(connection, () => committing = true);
        }
        catch (Exception error) when (dialect.IsOutage(error))
        {
            ReportOutage(error);
            throw new StoreUnavailableException(nothingWritten: !committing, error);
        }
    }

    private async ValueTask<Place> TakePlaceAsync(CancellationToken cancel)
    {
        RefuseWhenDown();
        if (_places is not null && !await _places.WaitAsync(options.BusyTimeout, cancel))
            throw new StoreUnavailableException(nothingWritten: true);
        return new(_places);
    }

    private async Task<DbConnection> OpenAsync(CancellationToken cancel)
    {
        try
        {
            return await dialect.OpenAsync(cancel);
        }
        catch (DbException error)
        {
            // Whatever keeps us from a session (a wrong password, a database that is not there) is an outage to a request.
            ReportOutage(error);
            throw new StoreUnavailableException(nothingWritten: true, error);
        }
    }

    private void ReportOutage(Exception error)
    {
        dialect.ForgetConnections();
        health.ReportOutage(error);
    }

    private void RefuseWhenDown()
    {
        if (!health.IsUp)
            throw new StoreUnavailableException(nothingWritten: true);
    }

    private readonly struct Place(SemaphoreSlim? places) : IDisposable
    {
        public void Dispose() => places?.Release();
    }
}
