using System.Data.Common;
using Dapper;

namespace CalendarService.Storage;

/// <summary>
/// The results of several SELECTs of one command. Dapper's <c>GridReader</c> moves on to the next result even when reading failed, so
/// that a broken connection shows as a closed reader; and what is left unread it has the server cancel, by a connection of its own and
/// maybe so late that it strikes the session's next statement.
/// </summary>
internal sealed class SnapshotResults(DbDataReader reader, CancellationToken cancel)
{
    /// <summary>All rows of the next result.</summary>
    public async Task<IReadOnlyList<T>> ReadAsync<T>()
    {
        var (rows, map) = (new List<T>(), reader.GetRowParser<T>());
        while (await reader.ReadAsync(cancel))
            rows.Add(map(reader));
        await reader.NextResultAsync(cancel);
        return rows;
    }

    /// <summary>The only row of the next result, if there is one.</summary>
    public async Task<T?> ReadSingleOrDefaultAsync<T>() => (await ReadAsync<T>()).SingleOrDefault();
}
