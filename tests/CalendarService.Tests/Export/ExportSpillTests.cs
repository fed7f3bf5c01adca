namespace CalendarService.Tests.Export;

/// <summary>
/// Holds docs/contract.md section 5: the calendar API. Alone with its database: a backend tells of what it spilled up to ten seconds late,
/// and then the queries of other tests would count here.
/// </summary>
public sealed class ExportSpillTests(LargeCalendars calendars) : IClassFixture<LargeCalendars>
{
    [Theory]
    [InlineData("csv")]
    [InlineData("json")]
    public async Task Export_OfALargeCalendar_IsNotPutAsideToBeSorted(string format)
    {
        var spilled = await SpilledAsync();

        using var response = await calendars.GetAsync($"/api/calendar/large/export?format={format}");
        await using var body = await response.Content.ReadAsStreamAsync();
        await body.CopyToAsync(Stream.Null);

        Assert.Equal(spilled, await SpilledAsync());
    }

    private Task<long> SpilledAsync() =>
        calendars.QueryAsync<long>("SELECT temp_files FROM pg_stat_database WHERE datname = current_database()");
}
