namespace Gateway.Tests.DryRun;

internal static class Requests
{
    public static object Generate(int days = 2, int postsPerDay = 2) => new
    {
        brief = "A week of coffee",
        startDate = "2026-03-01",
        days,
        postsPerDay,
        channels = new[] { "mastodon", "bluesky" },
        timezone = "Europe/Berlin",
    };
}
