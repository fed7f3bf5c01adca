namespace CalendarService.Generation.Writers;

/// <summary>A time on the wall of a zone as a moment, through daylight-saving changes.</summary>
internal static class WallClock
{
    // Farther than any offset, so that it is surely on the other side of a change near the given time.
    private static readonly TimeSpan Away = TimeSpan.FromHours(26);

    /// <summary>
    /// The wall-clock time is kept. Where it comes twice, the first; where clocks skip it, it is read with the offset
    /// before the skip (02:30 becomes 03:30). Both as java.time and iCalendar do.
    /// </summary>
    /// <param name="wall">Without a zone.</param>
    public static DateTimeOffset At(DateTime wall, TimeZoneInfo zone)
    {
        // Not IsInvalidTime: it knows of no skip but daylight saving's, such as a zone crossing the date line.
        var utc = new DateTimeOffset(wall, TimeSpan.Zero);
        var before = new DateTimeOffset(wall, zone.GetUtcOffset(utc - Away));
        if (zone.GetUtcOffset(before) == before.Offset)
            return before;
        var after = new DateTimeOffset(wall, zone.GetUtcOffset(utc + Away));
        return zone.GetUtcOffset(after) == after.Offset ? after : TimeZoneInfo.ConvertTime(before, zone);
    }
}
