using System.Globalization;
using CalendarService.Generation.Writers;
using ServiceDefaults.Times;

namespace CalendarService.Tests.Generation.Writers;

public sealed class PostSlotsTests
{
    [Theory]
    [InlineData("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T03:30+02:00")] // Skipped: an hour later.
    [InlineData("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T02:30+02:00")] // Twice: the first.
    [InlineData("Europe/Berlin", "2026-03-29T09:00", "2026-03-29T09:00+02:00")]
    [InlineData("Europe/Berlin", "2026-03-28T09:00", "2026-03-28T09:00+01:00")]
    [InlineData("America/New_York", "2026-03-08T02:15", "2026-03-08T03:15-04:00")]
    [InlineData("America/New_York", "2026-11-01T01:15", "2026-11-01T01:15-04:00")]
    [InlineData("Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-04T02:40+11:00")] // A gap of half an hour.
    [InlineData("Africa/Cairo", "2026-04-24T00:30", "2026-04-24T01:30+03:00")] // A gap at midnight.
    [InlineData("Pacific/Apia", "2011-12-30T10:00", "2011-12-31T10:00+14:00")] // A day that never was.
    [InlineData("Asia/Kathmandu", "2026-06-01T09:00", "2026-06-01T09:00+05:45")]
    [InlineData("UTC", "2026-06-01T09:00", "2026-06-01T09:00+00:00")]
    public void WallClock_AtAMoment_KeepsTheTimeOnTheWall(string zone, string wall, string expected)
    {
        var moment = Zones.AtWall(DateTime.Parse(wall, CultureInfo.InvariantCulture), zone);

        Assert.Equal(expected, moment.ToString("yyyy-MM-dd'T'HH:mmzzz", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("Europe/Berlin", 4)]
    [InlineData("America/St_Johns", 4)]
    [InlineData("Australia/Lord_Howe", 2)]
    [InlineData("Africa/Casablanca", 4)]
    [InlineData("Asia/Kathmandu", 0)]
    public void WallClock_ThroughAYear_IsKeptButForTheQuartersThatAreSkipped(string zone, int skipped)
    {
        var moved = 0;
        for (var wall = new DateTime(2026, 1, 1); wall.Year == 2026; wall = wall.AddMinutes(15))
        {
            var moment = Zones.AtWall(wall, zone);
            Assert.Equal(Zones.At(moment, zone).Offset, moment.Offset);
            moved += moment.DateTime == wall ? 0 : 1;
        }

        Assert.Equal(skipped, moved);
    }

    [Fact]
    public void Slots_AcrossADaylightSavingChange_KeepTheirTimesAndChangeTheirOffset()
    {
        var slots = PostSlots.Plan(Briefs.Coffee with { StartDate = new(2026, 10, 24), Days = 2, PostsPerDay = 1 }).ToList();

        Assert.Equal(slots[0].ScheduledAt.TimeOfDay, slots[1].ScheduledAt.TimeOfDay);
        Assert.Equal(TimeSpan.FromHours(2), slots[0].ScheduledAt.Offset);
        Assert.Equal(TimeSpan.FromHours(1), slots[1].ScheduledAt.Offset);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Slots_OfADay_AreSpreadOverWorkingHours(int postsPerDay)
    {
        var times = PostSlots.Plan(Briefs.Coffee with { Days = 1, PostsPerDay = postsPerDay })
            .Select(s => s.ScheduledAt.TimeOfDay).ToList();

        Assert.Equal(postsPerDay, times.Count);
        Assert.All(times, t => Assert.InRange(t, TimeSpan.FromHours(9), TimeSpan.FromHours(17)));
        Assert.All(times, t => Assert.Equal(0, t.Ticks % TimeSpan.FromMinutes(5).Ticks));
        foreach (var (earlier, later) in times.Zip(times.Skip(1)))
            Assert.True(later - earlier >= TimeSpan.FromMinutes(90), $"{earlier} and {later} are too close");
    }

    [Fact]
    public void Slots_OfTheLargestCalendar_HaveIdsOfTheirOwnInOrder()
    {
        var slots = PostSlots.Plan(Briefs.Coffee with { Days = 90, PostsPerDay = 5 }).ToList();

        Assert.Equal(450, slots.Select(s => s.EntryId).Distinct().Count());
        Assert.Equal("2026-11-23-1", slots[0].EntryId);
        Assert.Equal("2027-02-20-5", slots[^1].EntryId);
        Assert.Equal(slots.OrderBy(s => s.ScheduledAt), slots);
    }
}
