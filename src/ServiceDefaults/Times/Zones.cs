using System.Collections.Frozen;
using NodaTime;
using NodaTime.Extensions;

namespace ServiceDefaults.Times;

/// <summary>
/// IANA time zones by name, aliases included, in exactly their own case. Their rules come with NodaTime and not from the machine, so every
/// replica of both programs knows the same ones.
/// </summary>
public static class Zones
{
    // It is in the database and is no place: the zone of a machine that nobody has set up.
    private const string NoPlace = "Factory";

    // Asked first, since the provider also takes what is no name, such as UTC+05:00.
    private static readonly FrozenSet<string> Names =
        DateTimeZoneProviders.Tzdb.Ids.Where(id => id != NoPlace).ToFrozenSet(StringComparer.Ordinal);

    public static IReadOnlyCollection<string> All => Names;

    public static bool IsKnown(string zone) => Names.Contains(zone);

    public static string? Fault(string zone) => IsKnown(zone) ? null : "is not an IANA time zone";

    /// <summary>The same moment, with the offset that the zone has then.</summary>
    public static DateTimeOffset At(DateTimeOffset moment, string zone) => Find(zone) is { } found
        ? moment.ToOffset(WholeMinutes(found.GetUtcOffset(moment.ToInstant())))
        : moment;

    /// <summary>
    /// A time on the zone's wall as a moment. Where it comes twice, the first; where clocks skip it, it is read with the offset before the
    /// skip (02:30 becomes 03:30). Both as java.time and iCalendar do.
    /// </summary>
    /// <param name="wall">Without a zone.</param>
    public static DateTimeOffset AtWall(DateTime wall, string zone) => Find(zone) is { } found
        ? wall.ToLocalDateTime().InZoneLeniently(found).ToDateTimeOffset()
        : new(wall, TimeSpan.Zero);

    /// <summary>
    /// A time that was planned for a place, by the rules that the place has by now: where they changed meanwhile, its clock shows what was
    /// planned and the moment is another one.
    /// </summary>
    /// <param name="planned">With the offset that the place had then. While its rules allow that offset, which of two equal times on the
    /// wall is meant stays as it was given.</param>
    public static DateTimeOffset AsPlanned(DateTimeOffset planned, string zone) =>
        At(planned, zone).Offset == planned.Offset || !IsKnown(zone) ? planned : AtWall(planned.DateTime, zone);

    /// <summary>When the day begins there; after a clock that skips midnight, the first moment that it shows.</summary>
    public static DateTimeOffset Midnight(DateOnly day, string zone)
    {
        if (Find(zone) is not { } found)
            return new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        // Not AtStartOfDay, which throws for a day that a zone left out when it crossed the date line.
        var midnight = found.MapLocal(day.ToLocalDate().AtMidnight());
        return (midnight.Count == 0 ? midnight.LateInterval.Start.InZone(found) : midnight.First()).ToDateTimeOffset();
    }

    /// <summary>The moments of a span at which the zone's clock is set to another time, or to another offset.</summary>
    /// <param name="from">Not among them.</param>
    public static IEnumerable<DateTimeOffset> ClockChanges(DateTimeOffset from, DateTimeOffset until, string zone) =>
        Find(zone)?.GetZoneIntervals(new Interval(from.ToInstant(), until.ToInstant()))
            .Skip(1).Select(span => span.Start.ToDateTimeOffset()) ?? [];

    private static DateTimeZone? Find(string zone) => IsKnown(zone) ? DateTimeZoneProviders.Tzdb[zone] : null;

    // A DateTimeOffset has no seconds; offsets had until 1972.
    private static TimeSpan WholeMinutes(Offset offset) => TimeSpan.FromMinutes(offset.Seconds / 60);
}
