using System.Collections.Concurrent;

namespace CalendarService.Calendars;

/// <summary>IANA time zones by name. The names are from the system's tz database, so the cache is bounded.</summary>
internal static class Zones
{
    private static readonly ConcurrentDictionary<string, TimeZoneInfo> Known = new(StringComparer.Ordinal);

    // Files beside the zones: with leap seconds, which are no civil time; and whatever this machine is set to.
    private static readonly string[] NotZones = ["right/", "posix/", "posixrules", "localtime", "Factory"];

    public static string? Fault(string zone) => TryFind(zone, out _) ? null : "is not an IANA time zone";

    /// <summary>The same moment, with the offset that the zone has then.</summary>
    public static DateTimeOffset At(DateTimeOffset moment, string zone) =>
        TryFind(zone, out var found) ? TimeZoneInfo.ConvertTime(moment, found) : moment;

    /// <summary>When the day begins there; after a clock that skips midnight, the first moment that it shows.</summary>
    public static DateTimeOffset Midnight(DateOnly day, string zone)
    {
        if (!TryFind(zone, out var found))
            return new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var wall = day.ToDateTime(TimeOnly.MinValue);
        while (found.IsInvalidTime(wall))
            wall += TimeSpan.FromMinutes(15);
        // Where the clock goes back over midnight, the earlier of the two.
        return new(wall, found.IsAmbiguousTime(wall) ? found.GetAmbiguousTimeOffsets(wall).Max() : found.GetUtcOffset(wall));
    }

    private static bool TryFind(string zone, out TimeZoneInfo found)
    {
        if (Known.TryGetValue(zone, out found!))
            return true;
        if (zone.Length is 0 or > 64 || !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var system) || !system.HasIanaId)
            return false;
        // In another case it is found only after somebody asked for it in its own, so another process would not find it.
        if (system.Id != zone || NotZones.Any(name => zone.StartsWith(name, StringComparison.Ordinal)))
            return false;
        found = Known.GetOrAdd(zone, system);
        return true;
    }
}
