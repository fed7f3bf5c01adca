using CalendarService.Calendars;
using CalendarService.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace CalendarService.Tests.Calendars;

/// <summary>Holds docs/contract.md section 5: the calendar API.</summary>
public sealed class KnownCalendarTests(Databases databases)
{
    [Fact]
    public async Task Calendar_OfManyRuns_TakesAsMuchRoomAsOneOfManyEntries()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"), "Spool:KnownEntries=10");
        var known = service.Services.GetRequiredService<KnownCalendars>();

        known.Remember(WithRuns("too-large", 11));
        known.Remember(WithRuns("first", 6));
        known.Remember(WithRuns("second", 4));
        Assert.Null(known.Find("ada", "too-large"));
        Assert.NotNull(known.Find("ada", "first"));

        known.Remember(WithRuns("third", 1));
        Assert.Null(known.Find("ada", "first"));
        Assert.NotNull(known.Find("ada", "second"));
        Assert.NotNull(known.Find("ada", "third"));
    }

    [Fact]
    public async Task Calendar_ThatGrewTooLarge_IsNotKnownAsItWasBefore()
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"), "Spool:KnownEntries=10");
        var known = service.Services.GetRequiredService<KnownCalendars>();
        known.Remember(WithRuns("grown", 1));

        known.Remember(WithRuns("grown", 11, version: 2));

        Assert.Null(known.Find("ada", "grown"));
    }

    private static KnownCalendar WithRuns(string calendarId, int runs, long version = 1) => new(
        new CalendarHead("ada", calendarId, "T", "UTC", version, null, DateTimeOffset.UnixEpoch, false), [],
        Enumerable.Range(0, runs).ToDictionary(n => $"r{n}", n => new RunMark { RunId = $"r{n}", CalendarId = calendarId }));
}
