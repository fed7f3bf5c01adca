namespace CalendarService.Storage;

/// <summary>The database is away, or cannot do this now.</summary>
/// <param name="nothingWritten">Proof that nothing was done; false when the connection broke while COMMIT was under way.</param>
internal sealed class StoreUnavailableException(bool nothingWritten, Exception? cause = null)
    : Exception(nothingWritten ? "the calendar store is away" : "the calendar store went away during a commit", cause)
{
    public bool NothingWritten { get; } = nothingWritten;

    /// <summary>The same work may well succeed at once.</summary>
    public bool WorthRepeating { get; init; }
}
