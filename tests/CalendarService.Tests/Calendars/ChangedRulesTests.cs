using System.Text.Json.Nodes;
using CalendarService.Storage;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace CalendarService.Tests.Calendars;

/// <summary>
/// Entries of a zone whose rules changed after they were saved: what was planned for nine o'clock is at nine. The rows are as an earlier
/// zone database would have written them. Holds docs/contract.md section 5: the calendar API.
/// </summary>
public sealed class ChangedRulesTests(Databases databases)
{
    // Istanbul was two hours ahead in winter until 2016.
    private const string Body =
        """
        {"title":"T","timezone":"Europe/Istanbul","entries":[
        {"entryId":"a","scheduledAt":"2030-01-15T09:00:00+03:00","channels":["x"],"text":"a"},
        {"entryId":"b","scheduledAt":"2030-01-15T09:30:00+03:00","channels":["x"],"text":"b"}]}
        """;

    private const string Nine = "2030-01-15T09:00:00+03:00";

    [Theory]
    [EveryStore]
    public async Task Entry_PlannedUnderOldRules_StaysOnTheWallEverywhere(string store)
    {
        await using var service = await StartAsync(store);
        await SetAsync(service, "2030-01-15T07:00:00Z", "2030-01-15T09:00:00.000000+02:00", version: 1);

        var loaded = await service.GetAsync("/api/calendar/launch");
        var exported = await service.GetAsync("/api/calendar/launch/export?format=json");
        var csv = await service.GetAsync("/api/calendar/launch/export?format=csv");
        var day = await service.GetAsync("/api/calendar/launch/export?format=json&from=2030-01-15T06:00:00Z&to=2030-01-15T06:30:00Z");
        var saved = await service.SendAsync(HttpMethod.Put, "/api/calendar/launch", loaded.Text, ("If-Match", "\"1\""));

        Assert.Equal([("a", Nine), ("b", "2030-01-15T09:30:00+03:00")], Times(loaded.Json));
        Assert.Contains(("a", Nine), Times(exported.Json));
        Assert.Contains($",{Nine},Europe/Istanbul,", csv.Text, StringComparison.Ordinal);
        Assert.Equal([("a", Nine)], Times(day.Json));
        Assert.Equal(("\"1\"", loaded.Text), (saved.ETag, saved.Text));
    }

    [Theory]
    [EveryStore]
    public async Task Entry_OfARowWithoutAWallTime_IsItsMoment(string store)
    {
        await using var service = await StartAsync(store);
        await SetAsync(service, "2030-01-15T06:00:00Z", wall: null, version: null);

        Assert.Contains(("a", Nine), Times((await service.GetAsync("/api/calendar/launch")).Json));
    }

    /// <summary>A program that does not know the column moves an entry and leaves its wall time behind.</summary>
    [Theory]
    [EveryStore]
    public async Task Entry_MovedByAnOlderProgram_IsWhereThatPutIt(string store)
    {
        await using var service = await StartAsync(store);
        await SetAsync(service, "2030-01-15T10:00:00Z", "2030-01-15T09:00:00.000000+03:00", version: 0);

        Assert.Contains(("a", "2030-01-15T13:00:00+03:00"), Times((await service.GetAsync("/api/calendar/launch")).Json));
    }

    [Theory]
    [InlineData("2026-10-25T02:30:00+02:00")]
    [InlineData("2026-10-25T02:30:00+01:00")]
    public async Task Entry_AtATimeThatComesTwice_KeepsTheOneThatWasGiven(string time)
    {
        await using var service = await ServiceHarness.StartAsync(await databases.NewAsync("sqlite"));
        var body = Body.Replace("Europe/Istanbul", "Europe/Berlin").Replace(Nine, time);

        await service.SendAsync(HttpMethod.Put, "/api/calendar/launch", body, ("If-None-Match", "*"));

        Assert.Contains(("a", time), Times((await service.GetAsync("/api/calendar/launch")).Json));
    }

    private async Task<ServiceHarness> StartAsync(string store)
    {
        var service = await ServiceHarness.StartAsync(await databases.NewAsync(store));
        await service.SendAsync(HttpMethod.Put, "/api/calendar/launch", Body, ("If-None-Match", "*"));
        return service;
    }

    private static async Task SetAsync(ServiceHarness service, string moment, string? wall, int? version)
    {
        await using var connection = await service.Services.GetRequiredService<Dialect>().OpenAsync(default);
        await connection.ExecuteAsync(
            "UPDATE entries SET scheduled_at = @at, wall_time = @wall, wall_version = @version WHERE id = 'a'",
            new { at = DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture), wall, version });
    }

    private static (string, string)[] Times(JsonNode calendar) =>
        [.. calendar["entries"]!.AsArray().Select(entry => ((string)entry!["entryId"]!, (string)entry["scheduledAt"]!))];
}
