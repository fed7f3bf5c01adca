namespace Gateway.Smoke;

/// <summary>What the smoke asks for, the same every time, so that repeating it finds its own calendar as it left it.</summary>
internal static class SmokePlan
{
    /// <summary>Also how the smoke knows its calendar again: a calendar takes the first line of its brief as title.</summary>
    public const string Title = "Smoke test of the calendar";

    // Before 2200, the last year a generation may plan, and so far away that no post is ever late.
    private const string StartDate = "2199-12-02";

    /// <summary>Those that take a post without media, in order of preference.</summary>
    public static readonly IReadOnlyList<string> TextChannels = ["linkedin", "x", "facebook", "threads", "bluesky", "mastodon"];

    public static object Brief(string calendarId, IReadOnlyList<string> channels) => new
    {
        calendarId,
        brief = Title + "\nTwo short posts.",
        startDate = StartDate,
        days = 2,
        postsPerDay = 1,
        channels,
        timezone = "Etc/UTC",
    };
}
