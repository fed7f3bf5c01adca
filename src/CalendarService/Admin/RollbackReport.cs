namespace CalendarService.Admin;

/// <summary>
/// What is only in this service, and would be out of its users' sight were they moved back. Nothing of it gets lost.
/// </summary>
/// <param name="Users">Who has anything here.</param>
/// <param name="Since">When the first of it was made; null when there is nothing.</param>
/// <param name="ActiveSince">Who made or changed something since then is active.</param>
/// <param name="ActiveUsers">How many there are; <paramref name="Active"/> may have fewer.</param>
/// <param name="Active">The most recent first.</param>
internal sealed record RollbackReport(
    DateTimeOffset At, DateTimeOffset? Since, long Users, RollbackCounts Rows, DateTimeOffset ActiveSince, long ActiveUsers,
    IReadOnlyList<ActiveUser> Active);

/// <param name="Entries">That are there; one that was deleted is not.</param>
/// <param name="ManualEdits">Entries of which a person changed a field, or that a person deleted.</param>
/// <param name="Intents">Those that have a row: what waits in a spool is not among them.</param>
internal sealed record RollbackCounts(long Calendars, long Entries, long ManualEdits, long Runs, long Intents);

internal sealed record ActiveUser(string UserId, DateTimeOffset LastActiveAt, RollbackCounts Rows);
