using System.Globalization;
using ServiceDefaults.Times;

namespace CalendarService.Generation.Writers;

/// <param name="Index">From 0 through the whole calendar.</param>
/// <param name="EntryId">Date and number within the day: the same slot of the same calendar in every run.</param>
internal readonly record struct PostSlot(int Index, string EntryId, DateTimeOffset ScheduledAt);

/// <summary>When posts go out: in the middle of equal parts of the working day, on five minutes.</summary>
internal static class PostSlots
{
    private const int OpensAtMinute = 9 * 60;
    private const int OpenMinutes = 8 * 60;
    private const int Grid = 5;

    public static int Count(WritingBrief brief) => brief.Days * brief.PostsPerDay;

    public static IEnumerable<PostSlot> Plan(WritingBrief brief)
    {
        for (var index = 0; index < Count(brief); index++)
        {
            var date = brief.StartDate.AddDays(index / brief.PostsPerDay);
            var ofDay = index % brief.PostsPerDay;
            var minute = OpensAtMinute + (OpenMinutes * (2 * ofDay + 1) / (2 * brief.PostsPerDay));
            var wall = date.ToDateTime(TimeOnly.MinValue).AddMinutes(minute / Grid * Grid);
            yield return new(
                index,
                string.Create(CultureInfo.InvariantCulture, $"{date:yyyy-MM-dd}-{ofDay + 1}"),
                Zones.AtWall(wall, brief.Timezone));
        }
    }
}
