namespace CalendarService.Calendars;

/// <summary>A key under <c>Spool</c>, since it matters only to publishes that go there.</summary>
internal sealed class KnownCalendarsOptions
{
    /// <summary>
    /// Entries of calendars that are remembered for publishing without the database; 0 remembers none. A calendar with more runs than
    /// entries counts by its runs.
    /// </summary>
    public int KnownEntries { get; set; } = 20_000;
}
