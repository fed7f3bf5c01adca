namespace CalendarService.Generation.Writers;

/// <summary>A time on the wall of a zone as a moment, through daylight-saving changes.</summary>
internal static class WallClock
{
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(15);

    /// <summary>
    /// The wall-clock time is kept. Where clocks skip it, the moment is as long after the skip began as was
    /// asked for (02:30 becomes 03:30); where it comes twice, the first. Both as java.time and iCalendar do.
    /// </summary>
    /// <param name="wall">Without a zone.</param>
    public static DateTimeOffset At(DateTime wall, TimeZoneInfo zone)
    {
        if (zone.IsAmbiguousTime(wall))
            return new(wall, zone.GetAmbiguousTimeOffsets(wall).Max());
        if (!zone.IsInvalidTime(wall))
            return new(wall, zone.GetUtcOffset(wall));

        var before = wall;
        while (zone.IsInvalidTime(before))
            before -= Step;
        return TimeZoneInfo.ConvertTime(new DateTimeOffset(wall, zone.GetUtcOffset(before)), zone);
    }
}
