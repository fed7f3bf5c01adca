namespace CalendarService.Generation.Writers;

/// <param name="Days">How many days from <paramref name="StartDate"/>, each with <paramref name="PostsPerDay"/> slots.</param>
/// <param name="Channels">Known channel names; every post goes to all of them.</param>
/// <param name="Timezone">A known IANA zone; slots are wall-clock times in it.</param>
internal sealed record WritingBrief(
    string Brief, DateOnly StartDate, int Days, int PostsPerDay, IReadOnlyList<string> Channels, string Timezone);
