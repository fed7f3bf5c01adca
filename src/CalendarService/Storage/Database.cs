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
    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ReadOnceAsync(work, cancel);
            }
            catch (StoreUnavailableException undone) when (undone.WorthRepeating && attempt < Attempts)
            {
                // Nothing is wrong with the work.
            }
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

    /// <summary>Runs <paramref name="work"/> in one transaction and commits it, unless it throws.</summary>
    /// <param name="work">May run more than once; nothing of it stays but what the last time did.</param>
    /// <exception cref="StoreUnavailableException">The database is away; says whether anything can have been written.</exception>
    public async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteOnceAsync(work, cancel);
            }
            catch (StoreUnavailableException undone) when (undone.WorthRepeating && attempt < Attempts)
            {
                // Nothing is wrong with the work.
            }
        }
    }

    public Task WriteAsync(Func<DbTransaction, Task> work, CancellationToken cancel) =>
        WriteAsync(
            async transaction =>
            {
                await work(transaction);
                return true;
            },
            cancel);

    public void Dispose() => _places?.Dispose();

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

    private async Task<T> WriteOnceAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken cancel)
    {
        using var place = await TakePlaceAsync(StoreAccess.ReadWrite, cancel);
        var committing = false;
        try
        {
            using var turn = await dialect.TakeTurnAsync(cancel);
            await using var connection = await OpenAsync(cancel);
            await using var transaction = await dialect.BeginWriteAsync(connection, cancel);
            var result = await work(transaction);
            committing = true;
            await transaction.CommitAsync(CancellationToken.None); // Cancelled half-way, its outcome would be unknown.
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
            throw Unavailable(dialect.FaultOf(error) is not StoreFault.None and var fault ? fault : StoreFault.Away, error, nothingWritten: true);
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
