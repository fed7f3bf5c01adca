using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using ServiceDefaults.Times;

namespace Gateway.Rollout.Ramps;

/// <summary>A time without steps up. Dates are whole days of the windows' zone, the last one included.</summary>
/// <param name="Until">No longer frozen at that moment.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly partial record struct Freeze(DateTimeOffset From, DateTimeOffset Until)
{
    public const string Expected =
        "two dates, as 2026-12-20/2027-01-04 (the last day included), or times, as 2026-12-20T18:00/2026-12-21T06:00; 2000 to 2199";

    public const string Pattern = $"^{Side}/{Side}$";

    private const string Side = "2[01][0-9]{2}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?";

    private static readonly string[] WallForms = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];
    private static readonly string[] MomentForms = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK"];

    public bool Contains(DateTimeOffset at) => at >= From && at < Until;

    /// <param name="zone">Whose days and clock are meant where no offset stands.</param>
    /// <returns>Null for a text of another form; what it says may still end before it begins.</returns>
    public static Freeze? Find(string text, string zone) =>
        Form().IsMatch(text) && text.Split('/') is [var from, var until]
        && Read(from, zone, wholeDay: false) is { } begin && Read(until, zone, wholeDay: true) is { } end
            ? new(begin, end) : null;

    /// <param name="wholeDay">Whether a date means the day's end.</param>
    private static DateTimeOffset? Read(string text, string zone, bool wholeDay)
    {
        const DateTimeStyles AsWritten = DateTimeStyles.None;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, AsWritten, out var day))
            return Zones.Midnight(wholeDay ? day.AddDays(1) : day, zone);
        if (DateTime.TryParseExact(text, WallForms, CultureInfo.InvariantCulture, AsWritten, out var wall))
            return Zones.AtWall(wall, zone);
        return DateTimeOffset.TryParseExact(text, MomentForms, CultureInfo.InvariantCulture, AsWritten, out var moment) ? moment : null;
    }

    [GeneratedRegex(Pattern)]
    private static partial Regex Form();
}
