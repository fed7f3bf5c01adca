using ServiceDefaults.Times;

namespace Gateway.Rollout.Ramps;

/// <summary>
/// When a step up may be taken. A weekly window is open while the zone's clock shows a time in it: a time that clocks skip opens nothing,
/// and one that they show twice opens twice.
/// </summary>
/// <param name="Weekly">Empty: the whole week.</param>
/// <param name="TimeZone">An IANA name; whose clock is meant.</param>
internal sealed record RampWindows(IReadOnlyList<WeeklyWindow> Weekly, string TimeZone, IReadOnlyList<Freeze> Freezes)
{
    /// <summary>Two weeks, since the only window of a week may be one that clocks skip, and a day for where they skip one.</summary>
    private static readonly TimeSpan Farthest = TimeSpan.FromDays(15);

    public bool IsOpen(DateTimeOffset at) => FindThaw(at) is null && IsInWeek(at);

    /// <summary>The first moment, this one included, at which it is open.</summary>
    /// <returns>Null if there is none.</returns>
    public DateTimeOffset? NextOpening(DateTimeOffset at)
    {
        DateTimeOffset? next = at;
        while (next is { } moment && !IsOpen(moment))
            next = FindThaw(moment) ?? FindInWeek(moment);
        return next is { } opening ? Zones.At(opening, TimeZone) : null;
    }

    /// <summary>When the freeze ends that a moment is in; null when it is in none.</summary>
    private DateTimeOffset? FindThaw(DateTimeOffset at)
    {
        DateTimeOffset? thaw = null;
        foreach (var freeze in Freezes)
        {
            if (freeze.Contains(at) && !(thaw >= freeze.Until))
                thaw = freeze.Until;
        }

        return thaw;
    }

    private bool IsInWeek(DateTimeOffset at)
    {
        var wall = Zones.At(at, TimeZone).DateTime;
        return Weekly.Count == 0 || Weekly.Any(window => window.Contains(wall));
    }

    /// <summary>The next moment at which the week opens, freezes left aside.</summary>
    private DateTimeOffset? FindInWeek(DateTimeOffset after)
    {
        var end = after + Farthest;
        // Between two of these the clock runs evenly, so a time that it shows is one moment.
        DateTimeOffset[] turns = [after, .. Zones.ClockChanges(after, end, TimeZone), end];
        for (var i = 0; i + 1 < turns.Length; i++)
        {
            if (IsInWeek(turns[i]))
                return turns[i];
            var from = Zones.At(turns[i], TimeZone);
            var opening = new DateTimeOffset(Weekly.Min(window => window.NextOpening(from.DateTime)), from.Offset);
            if (opening < turns[i + 1])
                return opening;
        }

        return null;
    }
}
