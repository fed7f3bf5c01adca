using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Rollout.Ramps;

/// <summary>
/// Days of the week and the time between two readings of the clock on each of them: <c>Mon-Thu 08:00-16:00</c>. One that closes at an
/// earlier time than it opens closes on the next day.
/// </summary>
/// <param name="Closes">No longer open at that time; up to 24:00.</param>
internal sealed partial record WeeklyWindow(DayOfWeek First, DayOfWeek Last, TimeSpan Opens, TimeSpan Closes)
{
    public const string Expected = "days and times, as Mon-Fri 08:00-16:00, Sat 10:00-12:00 or Fri-Mon 22:00-02:00";

    public const string Pattern = $"^{AnyDay}(-{AnyDay})? {Time}-({Time}|24:00)$";

    private const int Week = 7;
    private const string AnyDay =
        "([Mm][Oo][Nn]|[Tt][Uu][Ee]|[Ww][Ee][Dd]|[Tt][Hh][Uu]|[Ff][Rr][Ii]|[Ss][Aa][Tt]|[Ss][Uu][Nn])";

    private const string Time = "([01][0-9]|2[0-3]):[0-5][0-9]";

    private static readonly string[] Days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

    /// <returns>Null for a text of another form, and for a window of no length.</returns>
    public static WeeklyWindow? Find(string text)
    {
        // The framework's $ also stands before a line's end at the end.
        if (!Form().IsMatch(text) || text.EndsWith('\n'))
            return null;
        var (days, times) = (text.Split(' ')[0].Split('-'), text.Split(' ')[1].Split('-'));
        var window = new WeeklyWindow(DayOf(days[0]), DayOf(days[^1]), TimeOf(times[0]), TimeOf(times[1]));
        return window.Opens == window.Closes ? null : window;
    }

    public bool Contains(DateTime wall)
    {
        var (day, time) = (wall.DayOfWeek, wall.TimeOfDay);
        if (Opens < Closes)
            return Has(day) && time >= Opens && time < Closes;
        return (Has(day) && time >= Opens) || (Has((DayOfWeek)(((int)day + Week - 1) % Week)) && time < Closes);
    }

    /// <summary>The first time after this one at which it opens.</summary>
    public DateTime NextOpening(DateTime wall) => Enumerable.Range(0, Week + 1).Select(days => wall.Date.AddDays(days))
        .Where(day => Has(day.DayOfWeek)).Select(day => day + Opens).First(opening => opening > wall);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Days[(int)First]}{(First == Last ? "" : "-" + Days[(int)Last])} {Clock(Opens)}-{Clock(Closes)}");

    private bool Has(DayOfWeek day) => (day - First + Week) % Week <= (Last - First + Week) % Week;

    private static DayOfWeek DayOf(string day) =>
        (DayOfWeek)Array.FindIndex(Days, name => name.Equals(day, StringComparison.OrdinalIgnoreCase));

    private static TimeSpan TimeOf(string time) => new(
        int.Parse(time.AsSpan(0, 2), CultureInfo.InvariantCulture), int.Parse(time.AsSpan(3), CultureInfo.InvariantCulture), 0);

    private static string Clock(TimeSpan time) => FormattableString.Invariant($"{(int)time.TotalHours:00}:{time.Minutes:00}");

    [GeneratedRegex(Pattern)]
    private static partial Regex Form();
}
