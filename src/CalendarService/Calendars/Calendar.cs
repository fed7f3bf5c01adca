using ServiceDefaults.Wire;

namespace CalendarService.Calendars;

/// <summary>A calendar as the API answers it.</summary>
internal sealed record Calendar(
    string CalendarId, string Title, string Timezone, long Version, string? LatestRunId, DateTimeOffset UpdatedAt,
    IReadOnlyList<Entry> Entries);

/// <summary>A calendar in a list.</summary>
internal sealed record CalendarSummary(
    string CalendarId, string Title, string Timezone, long Version, string? LatestRunId, DateTimeOffset UpdatedAt);

/// <param name="Filling">Its first run still adds entries, without moving the version.</param>
internal sealed record CalendarHead(
    string UserId, string CalendarId, string Title, string Timezone, long Version, string? LatestRunId,
    DateTimeOffset UpdatedAt, bool Filling)
{
    public Calendar With(IEnumerable<Entry> entries) =>
        new(CalendarId, Title, Timezone, Version, LatestRunId, UpdatedAt, [.. entries]);
}
