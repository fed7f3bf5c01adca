using System.Data.Common;

namespace CalendarService.Storage;

/// <summary>The one way to the database: every read and every transaction passes the circuit and gets its failure classified.</summary>
internal sealed class Database(Dialect dialect, StoreHealth health, StoreOptions options) : IDisposable
{
    private const int Attempts = 3;

    // In front of the pool: that one gives up as early as a connect has to.
    private readonly SemaphoreSlim? _places = dialect.MostAtOnce is { } most ? new(most) : null;

    public Dialect Dialect => dialect;

    /// <param name="work">May run more than once; nothing of it stays but what the last time did.</param>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    public Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancel) =>
        RepeatAsync(() => ReadOnceAsync(work, cancel));

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
    /// <param name="read">May run more than once.</param>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    public Task<T> SnapshotAsync<T>(
        string selects, object parameters, Func<SnapshotResults, Task<T>> read, CancellationToken cancel) =>
        ReadAsync(connection => dialect.QuerySnapshotAsync(connection, selects, parameters, read, cancel), cancel);

    /// <summary>Runs <paramref name="work"/> in one transaction and commits it, unless it throws.</summary>
    /// <param name="work">May run more than once; nothing of it stays but what the last time did.</param>
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

    /// <inheritdoc cref="WriteAsync{T}(Func{DbTransaction, Task{T}}, CancellationToken)"/>
    public Task WriteAsync(Func<DbTransaction, Task> work, CancellationToken cancel) =>
        WriteAsync(
            async transaction =>
            {
                await work(transaction);
                return true;
            },
            cancel);

    /// <summary>Runs one statement that is a transaction by itself, which saves the round trip of a COMMIT.</summary>
    /// <param name="statement">Not to be cancelled: its outcome would be unknown. May run more than once.</param>
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

    private static async Task<T> RepeatAsync<T>(Func<Task<T>> once)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await once();
            }
            catch (StoreUnavailableException undone) when (undone.WorthRepeating && attempt < Attempts)
            {
                // Nothing is wrong with the work.
            }
        }
    }

    private async Task<T> ReadOnceAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancel)
    {
        using var place = await TakePlaceAsync(StoreAccess.Read, cancel);
        try
        {
            await using var connection = await OpenAsync(cancel);
            var result = await work(connection);
            health.NoteAnswer();
            return result;
        }
        catch (Exception error) when (dialect.FaultOf(error) is not StoreFault.None and var fault)
        {
            throw Unavailable(fault, error, nothingWritten: true);
        }
    }

    private Task<T> WriteAsync<T>(Func<DbConnection, Action, Task<T>> work, CancellationToken cancel) =>
        RepeatAsync(() => WriteOnceAsync(work, cancel));

    /// <param name="work">Is given what it has to call before anything can be committed.</param>
    private async Task<T> WriteOnceAsync<T>(Func<DbConnection, Action, Task<T>> work, CancellationToken cancel)
    {
        using var place = await TakePlaceAsync(StoreAccess.ReadWrite, cancel);
        var committing = false;
        try
        {
            using var turn = await dialect.TakeTurnAsync(cancel);
            await using var connection = await OpenAsync(cancel);
            var result = await work(connection, () => committing = true);
            health.NoteAnswer();
            return result;
        }
        catch (Exception error) when (dialect.FaultOf(error) is not StoreFault.None and var fault)
        {
            throw Unavailable(fault, error, nothingWritten: !committing || fault == StoreFault.Again);
        }
    }

    private async ValueTask<Place> TakePlaceAsync(StoreAccess asked, CancellationToken cancel)
    {
        if (health.Access < asked)
            throw new StoreUnavailableException(nothingWritten: true);
        if (_places is not null && !await _places.WaitAsync(options.BusyTimeout, cancel))
            throw new StoreUnavailableException(nothingWritten: true);
        if (health.Access >= asked)
            return new(_places);
        _places?.Release(); // It went away while this one waited.
        throw new StoreUnavailableException(nothingWritten: true);
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
            throw Unavailable(
                dialect.FaultOf(error) is not StoreFault.None and var fault ? fault : StoreFault.Away, error, nothingWritten: true);
        }
    }

    private StoreUnavailableException Unavailable(StoreFault fault, Exception error, bool nothingWritten)
    {
        if (fault is StoreFault.Away or StoreFault.WritesAway)
            dialect.ForgetConnections();
        if (fault != StoreFault.Again)
            health.Report(fault, error);
        return new(nothingWritten, error) { WorthRepeating = fault == StoreFault.Again };
    }

    private readonly struct Place(SemaphoreSlim? places) : IDisposable
    {
        public void Dispose() => places?.Release();
    }
}
