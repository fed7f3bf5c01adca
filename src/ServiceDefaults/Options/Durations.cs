using System.Globalization;
using System.Text.RegularExpressions;

namespace ServiceDefaults.Options;

/// <summary>
/// Durations as settings and files write them. Narrower than <see cref="TimeSpan.Parse(string)"/>, which takes a bare number for days,
/// <c>5:30</c> for hours, and <c>24:00:00</c> for 24 days: whoever writes these means something else.
/// </summary>
public static partial class Durations
{
    public const string Expected = "a duration (d.hh:mm:ss.fff)";

    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        return text is not null && Form().IsMatch(text) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out duration);
    }

    // The format "c" alone also takes days, or hours and minutes, by themselves.
    [GeneratedRegex(@"\A-?([0-9]+\.)?[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?\z")]
    private static partial Regex Form();
}
