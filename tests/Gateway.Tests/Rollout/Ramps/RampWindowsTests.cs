using Gateway.Rollout.Ramps;

namespace Gateway.Tests.Rollout.Ramps;

/// <summary>Holds docs/contract.md section 10: when a step up may be taken.</summary>
public sealed class RampWindowsTests
{
    // 2026-11-23 is a Monday.
    [Theory]
    [InlineData("Mon-Thu 08:00-16:00", "2026-11-23T07:59:59", false)]
    [InlineData("Mon-Thu 08:00-16:00", "2026-11-23T08:00:00", true)]
    [InlineData("Mon-Thu 08:00-16:00", "2026-11-26T15:59:59", true)]
    [InlineData("Mon-Thu 08:00-16:00", "2026-11-26T16:00:00", false)]
    [InlineData("Mon-Thu 08:00-16:00", "2026-11-27T12:00:00", false)]
    [InlineData("mon-THU 08:00-16:00", "2026-11-24T12:00:00", true)]
    [InlineData("Sat 10:00-12:00", "2026-11-28T11:00:00", true)]
    [InlineData("Sat 10:00-12:00", "2026-11-29T11:00:00", false)]
    [InlineData("Fri-Mon 22:00-02:00", "2026-11-27T01:00:00", false)]
    [InlineData("Fri-Mon 22:00-02:00", "2026-11-27T22:00:00", true)]
    [InlineData("Fri-Mon 22:00-02:00", "2026-11-28T01:59:59", true)]
    [InlineData("Fri-Mon 22:00-02:00", "2026-11-28T02:00:00", false)]
    [InlineData("Fri-Mon 22:00-02:00", "2026-11-29T23:00:00", true)]
    [InlineData("Fri-Mon 22:00-02:00", "2026-12-01T01:00:00", true)]
    [InlineData("Fri-Mon 22:00-02:00", "2026-12-01T22:00:00", false)]
    [InlineData("Sun 00:00-24:00", "2026-11-29T23:59:59", true)]
    [InlineData("Sun 00:00-24:00", "2026-11-30T00:00:00", false)]
    [InlineData("Sun 22:00-00:00", "2026-11-29T23:59:59", true)]
    [InlineData("Sun 22:00-00:00", "2026-11-30T00:00:00", false)]
    [InlineData("Tue-Mon 00:00-24:00", "2026-11-30T12:00:00", true)]
    public void WeeklyWindow_ByTheWall_IsOpenOrNot(string window, string wall, bool open) =>
        Assert.Equal(open, RampFile.Windows("Etc/UTC", [window]).IsOpen(DateTimeOffset.Parse(wall + "Z")));

    [Theory]
    [InlineData("Monday 08:00-16:00")]
    [InlineData("Mon 8:00-16:00")]
    [InlineData("Mon 08:00-25:00")]
    [InlineData("Mon 24:00-02:00")]
    [InlineData("Mon 08:60-16:00")]
    [InlineData("Mon,Tue 08:00-16:00")]
    [InlineData("Mon  08:00-16:00")]
    [InlineData("Mon 08:00-16:00 ")]
    [InlineData("Mon 08:00-16:00\n")]
    [InlineData("Mon 00:00-00:00")]
    [InlineData("08:00-16:00")]
    [InlineData("Mon-Fri")]
    [InlineData("")]
    public void WeeklyWindow_OfAnotherForm_IsNone(string text) => Assert.Null(WeeklyWindow.Find(text));

    [Theory]
    [InlineData("fri-mon 22:00-02:00", "Fri-Mon 22:00-02:00")]
    [InlineData("SUN 00:00-24:00", "Sun 00:00-24:00")]
    [InlineData("Sun-Sun 00:00-24:00", "Sun 00:00-24:00")]
    public void WeeklyWindow_AsText_IsAsTheFileWritesIt(string text, string told) =>
        Assert.Equal(told, WeeklyWindow.Find(text)!.ToString());

    /// <summary>
    /// When it opens next, and whether it is open just before: what a zone's clock shows decides. Berlin skips 02:00 to 03:00 on 2026-03-29 and
    /// shows it twice on 2026-10-25; Lord Howe skips 02:00 to 02:30 on 2026-10-04 and shows 01:30 to 02:00 twice on 2026-04-05; Apia left out
    /// 2011-12-30, a Friday.
    /// </summary>
    [Theory]
    [InlineData("Europe/Berlin", "Mon-Thu 08:00-16:00", "2026-11-27T12:00+01:00", "2026-11-30T08:00+01:00")]
    [InlineData("Europe/Berlin", "Mon-Thu 08:00-16:00", "2026-11-30T09:00+01:00", "2026-11-30T09:00+01:00")]
    [InlineData("Europe/Berlin", "Mon-Thu 08:00-16:00", "2026-11-30T16:00+01:00", "2026-12-01T08:00+01:00")]
    [InlineData("Europe/Berlin", "Sun 08:00-16:00", "2026-03-28T20:00+01:00", "2026-03-29T08:00+02:00")]
    [InlineData("Europe/Berlin", "Sun 08:00-16:00", "2026-10-24T20:00+02:00", "2026-10-25T08:00+01:00")]
    [InlineData("Europe/Berlin", "Sun 02:30-04:00", "2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00")]
    [InlineData("Europe/Berlin", "Sun 02:15-02:45", "2026-03-29T01:00+01:00", "2026-04-05T02:15+02:00")]
    [InlineData("Europe/Berlin", "Sun 02:15-02:45", "2026-10-25T01:00+02:00", "2026-10-25T02:15+02:00")]
    [InlineData("Europe/Berlin", "Sun 02:15-02:45", "2026-10-25T02:45+02:00", "2026-10-25T02:15+01:00")]
    [InlineData("Europe/Berlin", "Sun 01:30-02:30", "2026-10-25T02:30+02:00", "2026-10-25T02:00+01:00")]
    [InlineData("Europe/Berlin", "Sat 22:00-02:30", "2026-10-25T02:30+02:00", "2026-10-25T02:00+01:00")]
    [InlineData("Australia/Lord_Howe", "Sun 02:10-02:20", "2026-10-04T01:50+10:30", "2026-10-11T02:10+11:00")]
    [InlineData("Australia/Lord_Howe", "Sun 02:10-03:00", "2026-10-04T01:50+10:30", "2026-10-04T02:30+11:00")]
    [InlineData("Australia/Lord_Howe", "Sun 01:40-01:50", "2026-04-05T01:50+11:00", "2026-04-05T01:40+10:30")]
    [InlineData("Australia/Lord_Howe", "Sun 01:50-02:10", "2026-04-05T01:00+11:00", "2026-04-05T01:50+11:00")]
    [InlineData("Pacific/Apia", "Fri 08:00-10:00", "2011-12-29T12:00-10:00", "2012-01-06T08:00+14:00")]
    [InlineData("Asia/Kathmandu", "Mon 00:00-00:01", "2026-11-29T12:00+05:45", "2026-11-30T00:00+05:45")]
    public void NextOpening_WhereClocksAreSet_IsWhenTheClockShowsIt(string zone, string window, string at, string expected)
    {
        var windows = RampFile.Windows(zone, [window]);
        var (from, opening) = (DateTimeOffset.Parse(at), DateTimeOffset.Parse(expected));

        var next = windows.NextOpening(from);

        Assert.Equal((opening, opening.Offset), (next!.Value, next.Value.Offset));
        Assert.True(windows.IsOpen(opening));
        Assert.Equal(from == opening, windows.IsOpen(from));
        Assert.True(from == opening || !windows.IsOpen(opening.AddTicks(-1)));
    }

    [Theory]
    [InlineData("2026-12-20/2027-01-04", "2026-12-19T23:59:59+01:00", true)]
    [InlineData("2026-12-20/2027-01-04", "2026-12-20T00:00:00+01:00", false)]
    [InlineData("2026-12-20/2027-01-04", "2027-01-04T23:59:59+01:00", false)]
    [InlineData("2026-12-20/2027-01-04", "2027-01-05T00:00:00+01:00", true)]
    [InlineData("2026-12-20T18:00/2026-12-21T06:00", "2026-12-20T17:59:59+01:00", true)]
    [InlineData("2026-12-20T18:00/2026-12-21T06:00", "2026-12-20T18:00:00+01:00", false)]
    [InlineData("2026-12-20T18:00/2026-12-21T06:00", "2026-12-21T05:59:59+01:00", false)]
    [InlineData("2026-12-20T18:00/2026-12-21T06:00", "2026-12-21T06:00:00+01:00", true)]
    [InlineData("2026-10-25T02:30/2026-10-26", "2026-10-25T02:30:00+02:00", false)]
    [InlineData("2026-10-24/2026-10-25T02:30", "2026-10-25T02:30:00+02:00", true)]
    [InlineData("2026-12-20T18:00:30Z/2026-12-21", "2026-12-20T19:00:29+01:00", true)]
    [InlineData("2026-12-20T18:00:30Z/2026-12-21", "2026-12-21T23:00:00+01:00", false)]
    [InlineData("2026-12-20T18:00-05:00/2026-12-21T00:00Z", "2026-12-20T23:30:00Z", false)]
    public void Freeze_InBerlin_IsClosed(string freeze, string at, bool open) =>
        Assert.Equal(open, RampFile.Windows("Europe/Berlin", freezes: [freeze]).IsOpen(DateTimeOffset.Parse(at)));

    [Fact]
    public void NextOpening_InAFreeze_IsTheFirstWindowAfterAllFreezes()
    {
        var windows = RampFile.Windows(
            "Europe/Berlin", ["Mon-Thu 08:00-16:00", "Sat 10:00-12:00"],
            ["2026-12-20/2027-01-04", "2027-01-03/2027-01-05", "2027-01-06T00:00/2027-01-06T09:30"]);

        Assert.Equal(DateTimeOffset.Parse("2027-01-06T09:30+01:00"), windows.NextOpening(DateTimeOffset.Parse("2026-12-24T12:00Z")));
        Assert.Equal(DateTimeOffset.Parse("2026-12-19T10:00+01:00"), windows.NextOpening(DateTimeOffset.Parse("2026-12-18T12:00Z")));
    }

    /// <summary>Moments of two years, minute by minute around each change: the next opening is the first open minute, by a plain search.</summary>
    [Fact]
    public void NextOpening_OfRandomWindows_IsTheFirstOpenMinute()
    {
        var random = new Random(14);
        string[] days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        for (var round = 0; round < 60; round++)
        {
            var zone = random.GetItems(["Europe/Berlin", "Australia/Lord_Howe", "America/New_York", "Africa/Casablanca"], 1)[0];
            var weekly = Enumerable.Range(0, random.Next(1, 3)).Select(_ =>
                $"{days[random.Next(7)]} {random.Next(4):00}:{random.Next(60):00}-{random.Next(4, 7):00}:{random.Next(60):00}").ToArray();
            var windows = RampFile.Windows(zone, weekly, ["2026-10-25T02:10/2026-10-25T02:20"]);
            var at = random.GetItems<DateTimeOffset>(
                [new(2026, 3, 28, 22, 0, 0, TimeSpan.Zero), new(2026, 10, 24, 22, 0, 0, TimeSpan.Zero), new(2026, 10, 3, 14, 0, 0, TimeSpan.Zero)], 1)[0]
                .AddMinutes(random.Next(-600, 600));

            var searched = at;
            while (!windows.IsOpen(searched))
                searched = searched.AddMinutes(1);

            Assert.Equal(searched, windows.NextOpening(at));
        }
    }
}
