using System.Data.Common;
using System.Net.Sockets;

namespace CalendarService.Storage;

/// <summary>What the database can be used for at the moment; each includes the ones before it.</summary>
internal enum StoreAccess
{
    None,
    Read,
    ReadWrite,
}

/// <summary>
/// The circuit in front of the database. The first outage opens it, so that the next request is refused in microseconds instead of
/// after a connect timeout; only the probe closes it again. A database that is read-only is half of an outage: reads go on.
/// </summary>
internal sealed partial class StoreHealth(StoreAddress address, TimeProvider clock, ILogger<StoreHealth> logger)
{
    private readonly Lock _gate = new();
    private volatile StoreAccess _access = StoreAccess.None;
    private volatile string? _problem = "not connected yet";
    private volatile TaskCompletionSource _wake = NewSignal();
    private long _upSince;
    private long _lastAnswer;

    public StoreAccess Access => _access;

    /// <summary>For everything.</summary>
    public bool IsUp => _access == StoreAccess.ReadWrite;

    public bool IsReadable => _access != StoreAccess.None;

    /// <summary>How long it has been up without a break; zero while it is not.</summary>
    public TimeSpan UpFor
    {
        get
        {
            lock (_gate)
                return IsUp ? clock.GetElapsedTime(_upSince) : TimeSpan.Zero;
        }
    }

    /// <summary>Why it is not up, without any part of the connection string; null when it is.</summary>
    public string? Problem => _problem;

    /// <summary>Completes when there is something to probe.</summary>
    public Task Woken => _wake.Task;

    /// <summary>It answered somebody just now.</summary>
    public void NoteAnswer() => Volatile.Write(ref _lastAnswer, clock.GetTimestamp());

    public bool AnsweredWithin(TimeSpan time) => clock.GetElapsedTime(Volatile.Read(ref _lastAnswer)) < time;

    /// <summary>Draws the conclusion from a request's failure.</summary>
    public void Report(StoreFault fault, Exception error)
    {
        if (fault == StoreFault.Away)
            ReportOutage(error);
        else if (fault == StoreFault.WritesAway && IsUp) // Only the probe makes a database better than it was.
            ReportReadOnly(error);
        else
            LogRefused(ProblemOf(error), CauseOf(error));
    }

    public void ReportOutage(Exception error)
    {
        if (Close(StoreAccess.None, ProblemOf(error)))
            LogDown(ProblemOf(error), CauseOf(error));
    }

    /// <param name="error">Null when the database says so by itself.</param>
    public void ReportReadOnly(Exception? error)
    {
        var problem = error is null ? "read-only" : ProblemOf(error);
        if (Close(StoreAccess.Read, problem))
            LogReadOnly(problem, error is null ? "it says so itself" : CauseOf(error));
    }

    public void ReportUp(string store)
    {
        lock (_gate)
        {
            _wake = NewSignal();
            _upSince = clock.GetTimestamp();
            _problem = null;
            _access = StoreAccess.ReadWrite;
        }

        LogUp(store);
    }

    /// <returns>Whether that is news.</returns>
    private bool Close(StoreAccess access, string problem)
    {
        lock (_gate)
        {
            var changed = (_access, _problem) != (access, problem);
            (_access, _problem) = (access, problem);
            _wake.TrySetResult();
            return changed;
        }
    }

    /// <summary>In a few words, without any part of the address.</summary>
    public static string ProblemOf(Exception error) => error switch
    {
        DbException { SqlState: { } state } => $"SQLSTATE {state}",
        TimeoutException or { InnerException: TimeoutException } => "no answer in time",
        { InnerException: SocketException socket } => ProblemOf(socket.SocketErrorCode),
        _ => (error.InnerException ?? error).GetType().Name,
    };

    private static string ProblemOf(SocketError error) => error switch
    {
        SocketError.HostNotFound or SocketError.NoData => "host not found",
        SocketError.TryAgain => "no answer from DNS",
        SocketError.ConnectionRefused => "connection refused",
        SocketError.AddressNotAvailable => "no socket there", // A folder of a Unix domain socket.
        _ => error.ToString(),
    };

    // Without the stack, which is the library's and says nothing, and without the parts of the address, of which any may be a password.
    private string CauseOf(Exception error)
    {
        var causes = new List<string>();
        for (var cause = error; cause is not null; cause = cause.InnerException)
            causes.Add($"{cause.GetType().Name}: {cause.Message}");
        return address.Redact(string.Join(" ← ", causes.Distinct()));
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(LogLevel.Error, "Calendar store is away: {Problem} ({Cause})")]
    private partial void LogDown(string problem, string cause);

    [LoggerMessage(LogLevel.Error, "Calendar store takes no writes: {Problem}. Reads go on ({Cause})")]
    private partial void LogReadOnly(string problem, string cause);

    [LoggerMessage(LogLevel.Information, "Calendar store is up: {Store}")]
    private partial void LogUp(string store);

    [LoggerMessage(LogLevel.Warning, "Calendar store refused one request: {Problem} ({Cause})")]
    private partial void LogRefused(string problem, string cause);
}
