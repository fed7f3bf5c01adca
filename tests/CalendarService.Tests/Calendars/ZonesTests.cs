using System.Globalization;
using ServiceDefaults.Times;

namespace CalendarService.Tests.Calendars;

public sealed class ZonesTests
{
    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("UTC")]
    [InlineData("Etc/GMT+12")]
    [InlineData("EST5EDT")]
    [InlineData("US/Pacific")]
    [InlineData("Asia/Calcutta")]
    [InlineData("Europe/Kiev")]
    [InlineData("US/Eastern")]
    [InlineData("America/Buenos_Aires")]
    [InlineData("Asia/Saigon")]
    [InlineData("Asia/Rangoon")]
    [InlineData("GB")]
    [InlineData("Zulu")]
    public void Name_OfTheDatabaseOrAnAlias_IsKnown(string zone) => Assert.Null(Zones.Fault(zone));

    [Theory]
    [InlineData("")]
    [InlineData("utc")]
    [InlineData("europe/berlin")]
    [InlineData("UTC+05:00")] // NodaTime's own way to write an offset.
    [InlineData("+05:00")]
    [InlineData("Factory")]
    [InlineData("localtime")]
    [InlineData("right/Europe/Berlin")]
    [InlineData("W. Europe Standard Time")]
    public void Name_OfNothingInTheDatabase_IsNot(string zone) => Assert.NotNull(Zones.Fault(zone));

    [Theory]
    [InlineData("Europe/Berlin", "2026-03-29", "2026-03-29T00:00+01:00")]
    [InlineData("Africa/Cairo", "2026-04-24", "2026-04-24T01:00+03:00")] // Skipped.
    [InlineData("America/Havana", "2026-11-01", "2026-11-01T00:00-04:00")] // Twice: the first.
    [InlineData("Pacific/Apia", "2011-12-30", "2011-12-31T00:00+14:00")] // A day that never was.
    [InlineData("Nowhere/Atall", "2026-03-29", "2026-03-29T00:00+00:00")]
    public void Midnight_OfADay_IsTheFirstMomentOfIt(string zone, string day, string expected) =>
        Assert.Equal(expected, Text(Zones.Midnight(DateOnly.Parse(day, CultureInfo.InvariantCulture), zone)));

    [Theory]
    [InlineData("Europe/Berlin", "2026-07-01T14:00+02:00")]
    [InlineData("Asia/Kathmandu", "2026-07-01T17:45+05:45")]
    [InlineData("America/Vancouver", "2026-07-01T05:00-07:00")]
    [InlineData("Nowhere/Atall", "2026-07-01T12:00+00:00")] // As it is: a row may be older than a name.
    public void Moment_InAZone_HasTheOffsetThatTheZoneHasThen(string zone, string expected) =>
        Assert.Equal(expected, Text(Zones.At(new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero), zone)));

    [Fact]
    public void Moment_OfAnOffsetWithSeconds_StaysTheMoment()
    {
        var moment = new DateTimeOffset(1971, 6, 1, 12, 0, 0, TimeSpan.Zero); // Liberia was 44 minutes and 30 seconds behind.

        var there = Zones.At(moment, "Africa/Monrovia");

        Assert.Equal((moment, TimeSpan.FromMinutes(-44)), (there, there.Offset));
    }

    [Theory]
    [InlineData("Europe/Istanbul", "2030-01-15T09:00+02:00", "2030-01-15T09:00+03:00")] // Two hours ahead in winter, until 2016.
    [InlineData("Europe/Istanbul", "2030-01-15T09:00+03:00", "2030-01-15T09:00+03:00")]
    [InlineData("America/Sao_Paulo", "2030-01-15T09:00-02:00", "2030-01-15T09:00-03:00")] // No summer time since 2019.
    [InlineData("Asia/Calcutta", "2030-01-15T09:00+05:30", "2030-01-15T09:00+05:30")]
    [InlineData("Europe/Berlin", "2026-10-25T02:30+02:00", "2026-10-25T02:30+02:00")] // Twice: the one that was given.
    [InlineData("Europe/Berlin", "2026-10-25T02:30+01:00", "2026-10-25T02:30+01:00")]
    [InlineData("Europe/Berlin", "2026-10-25T02:30+03:00", "2026-10-25T02:30+02:00")] // Twice, and neither was: the first.
    [InlineData("Europe/Berlin", "2026-03-29T02:30+01:00", "2026-03-29T03:30+02:00")] // Skipped by now: as far behind the skip.
    [InlineData("Europe/Berlin", "2026-03-29T02:30+03:00", "2026-03-29T03:30+02:00")]
    [InlineData("Nowhere/Atall", "2026-07-01T12:00+05:00", "2026-07-01T12:00+05:00")]
    public void Time_PlannedUnderOtherRules_StaysOnTheWall(string zone, string planned, string expected) =>
        Assert.Equal(expected, Text(Zones.AsPlanned(DateTimeOffset.Parse(planned, CultureInfo.InvariantCulture), zone)));

    private static string Text(DateTimeOffset moment) => moment.ToString("yyyy-MM-dd'T'HH:mmzzz", CultureInfo.InvariantCulture);
}
