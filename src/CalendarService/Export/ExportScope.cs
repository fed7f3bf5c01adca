using System.Globalization;
using CalendarService.Calendars;
using CalendarService.Channels;
using CalendarService.Requests;
using ServiceDefaults.Times;

namespace CalendarService.Export;

/// <summary>Which of a calendar's entries an export is asked for: all, unless the query says less.</summary>
/// <param name="Before">Exclusive, so that one file's end is the next one's beginning.</param>
/// <param name="Timezone">Of dates in the query, and of a profile's wall clock.</param>
internal sealed record ExportScope(string? Channel, DateTimeOffset From, DateTimeOffset Before, string Timezone)
{
    // Entries lie between these years.
    private static readonly DateTimeOffset Ever = DateTimeOffset.UnixEpoch;
    private static readonly DateTimeOffset Never = new(9_999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public bool Takes(ExportRow row) =>
        (Channel is null || row.Channels.Contains(Channel)) && row.ScheduledAt >= From && row.ScheduledAt < Before;

    /// <exception cref="RefusedException">The query is at fault.</exception>
    public static ExportScope Read(IQueryCollection query, CalendarHead head, ChannelRegistry channels, bool wallClock)
    {
        var (channel, zone) = (query["channel"].ToString(), query["timezone"].ToString());
        if (channel.Length > 0 && !channels.IsKnown(channel))
            throw RefusedException.Invalid("channel", $"has to be one of {string.Join(", ", channels.Known)}");
        if (zone.Length > 0 && !wallClock)
            throw RefusedException.Invalid("timezone", "goes with a profile; other exports give every time with its own offset");
        if (zone.Length > 0 && Zones.Fault(zone) is { } fault)
            throw RefusedException.Invalid("timezone", fault);
        if (zone.Length == 0)
            zone = head.Timezone;
        return new(
            channel.Length > 0 ? channel : null, Time(query, "from", zone) ?? Ever, Time(query, "to", zone) ?? Never, zone);
    }

    private static DateTimeOffset? Time(IQueryCollection query, string name, string zone)
    {
        // An unescaped plus arrives as a blank.
        var text = query[name].ToString().Replace(' ', '+');
        if (text.Length == 0)
            return null;
        if (DateTime.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            && day.Year is > 1970 and < 9000)
            return Zones.Midnight(DateOnly.FromDateTime(day), zone);
        if (text.Length > 10 && text[10] is 'T' && (text.EndsWith('Z') || text[^6] is '+' or '-')
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return time < Ever ? Ever : time > Never ? Never : time;
        throw RefusedException.Invalid(name, "has to be a date such as 2026-11-21, or an RFC 3339 time with an offset");
    }
}
