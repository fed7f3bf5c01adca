using System.Globalization;
using ServiceDefaults.Options;

namespace Gateway.Configuration;

/// <summary>A duration within a range, and the pattern that says as much of the range as a pattern can.</summary>
internal static class DurationShape
{
    public static JsonShape Create(TimeSpan min, TimeSpan max) => JsonShape.TextThat(
        string.Create(CultureInfo.InvariantCulture, $"{Durations.Expected} from {min:c} to {max:c}"),
        text => Durations.TryParse(text, out var span) && span >= min && span <= max, PatternUpTo(max));

    private static string PatternUpTo(TimeSpan max)
    {
        const string Below60 = "[0-5][0-9]";
        var days = max >= TimeSpan.FromDays(1) ? "[0-9]+" : "0+";
        var hours = max >= TimeSpan.FromDays(1) ? "([01]?[0-9]|2[0-3])" : max >= TimeSpan.FromHours(1) ? "0?[01]" : "0?0";
        return $@"^({days}\.)?{hours}:{Below60}:{Below60}(\.[0-9]{{1,7}})?$";
    }
}
