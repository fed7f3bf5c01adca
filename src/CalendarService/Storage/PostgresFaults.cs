using System.Collections.Frozen;
using System.Net.Sockets;
using Npgsql;

namespace CalendarService.Storage;

/// <summary>What each failure of Postgres, or of a pooler in front of it, means.</summary>
internal static class PostgresFaults
{
    // By SQLSTATE or, where there is none, by its first two characters: the class. What is not here is None.
    private static readonly FrozenDictionary<string, StoreFault> States = new Dictionary<string, StoreFault>(StringComparer.Ordinal)
    {
        ["08"] = StoreFault.Away, // The connection failed. PgBouncer's word for everything, too (08P01): no server, waited too long.
        ["25006"] = StoreFault.WritesAway, // Read-only: a standby after a failover, or made so because its disk fills up (Supabase does).
        ["25P03"] = StoreFault.NotNow, // We idled in a transaction (a frozen process): rolled back, and only this session is gone.
        ["25P04"] = StoreFault.NotNow, // The transaction took longer than it may: again would take as long.
        ["40001"] = StoreFault.Again, // Could not be serialised, or in the way of a standby's recovery: rolled back.
        ["40P01"] = StoreFault.Again, // Two transactions waited for each other, and this one was rolled back.
        ["53"] = StoreFault.NotNow, // Too little memory or a limit reached, by what this request asked. For others there may be enough.
        ["53100"] = StoreFault.WritesAway, // Its disk is full. Reading needs none.
        ["53300"] = StoreFault.NotNow, // Too many connections: there is one as soon as somebody ends. OpenAsync waits for it.
        ["55P03"] = StoreFault.NotNow, // Somebody holds a lock for longer than lock_timeout.
        ["57014"] = StoreFault.NotNow, // statement_timeout, or an operator cancelled the statement.
        ["57P01"] = StoreFault.Away, // Shutting down, or an operator ended the session; the probe tells them apart in milliseconds.
        ["57P02"] = StoreFault.Away, // Another of its processes crashed; it restarts.
        ["57P03"] = StoreFault.Away, // Starting up or shutting down.
        ["57P04"] = StoreFault.Away, // The database was dropped.
        ["57P05"] = StoreFault.Again, // A pooled session was ended for idling; the next one works.
        ["58"] = StoreFault.NotNow, // A file of it cannot be read or written. Mostly one file: what lies in the others still works.
        ["XX000"] = StoreFault.Away, // How Supabase's pooler says that it has no server.
        ["XX001"] = StoreFault.NotNow, // A damaged page: as class 58.
        ["XX002"] = StoreFault.NotNow, // A damaged index: as class 58.
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static StoreFault Classify(Exception error) => error switch
    {
        PostgresException refused => Classify(refused.SqlState),
        // Of several hosts, the one that answered knows more than those that did not.
        NpgsqlException { InnerException: AggregateException hosts }
            when hosts.InnerExceptions.OfType<PostgresException>().FirstOrDefault() is { } answer => Classify(answer.SqlState),
        // No answer in time: from one statement, or from a server too busy to take one more connection. Whether it is there at
        // all, the probe finds out; to believe a single request would make one lock that is held for long an outage for everybody.
        NpgsqlException { InnerException: TimeoutException } or TimeoutException => StoreFault.NotNow,
        NpgsqlException => StoreFault.Away, // Connecting, reading or writing failed: nothing came from the server.
        SocketException or IOException => StoreFault.Away,
        _ => StoreFault.None,
    };

    private static StoreFault Classify(string sqlState) =>
        States.TryGetValue(sqlState, out var fault) || States.TryGetValue(sqlState[..2], out fault) ? fault : StoreFault.None;
}
