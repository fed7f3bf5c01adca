using CalendarService.Calendars;
using CalendarService.Identity;
using CalendarService.Publishing;
using CalendarService.Requests;
using CalendarService.Storage;

namespace CalendarService.Export;

internal static class ExportApi
{
    public static IServiceCollection AddExport(this IServiceCollection services) => services.AddSingleton<ExportReader>();

    public static void MapExport(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/calendar/{calendarId}/export", ExportAsync).WithName("calendar-export");

    private static async Task ExportAsync(UserId user, string calendarId, ExportReader reader, HttpContext context)
    {
        context.TagCalendar(calendarId);
        var format = context.Request.Query["format"].ToString();
        if (format is not ("" or "json" or "csv"))
        {
            throw new RefusedException(
                StatusCodes.Status400BadRequest, "unknown-format", "format has to be json or csv.")
            {
                Errors = new Dictionary<string, string[]>(StringComparer.Ordinal) { ["format"] = ["has to be json or csv"] },
            };
        }

        var head = await reader.HeadAsync(user.Value, calendarId, context.RequestAborted);
        context.TagRun(head.LatestRunId);
        var rows = reader.RowsAsync(head, context.RequestAborted);
        var extension = format == "csv" ? "csv" : "json";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{head.CalendarId}.{extension}\"";
        context.Response.ContentType = format == "csv" ? "text/csv; charset=utf-8; header=present" : "application/json; charset=utf-8";
        if (format == "csv")
            await CalendarCsv.WriteAsync(context.Response.Body, rows, context.RequestAborted);
        else
            await CalendarJson.WriteAsync(context.Response.BodyWriter, head, rows, context.RequestAborted);
    }
}

/// <summary>Reads a calendar piece by piece, so that its size does not matter.</summary>
internal sealed class ExportReader(Database database, CalendarStore calendars, IntentStore intents)
{
    private const int Piece = 500;

    public Task<CalendarHead> HeadAsync(string userId, string calendarId, CancellationToken cancel) => database.ReadAsync(
        async connection => await calendars.HeadAsync(connection, userId, calendarId)
            ?? throw RefusedException.CalendarNotFound(calendarId),
        cancel);

    public async IAsyncEnumerable<ExportRow> RowsAsync(
        CalendarHead head, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var (time, id) = (DateTimeOffset.UnixEpoch, "");
        while (true)
        {
            var (after, afterId) = (time, id);
            var rows = await database.ReadAsync(
                async connection =>
                {
                    var piece = await calendars.PieceAsync(connection, head.UserId, head.CalendarId, after, afterId, Piece);
                    var latest = await intents.LatestAsync(
                        connection, head.UserId, head.CalendarId, [.. piece.Select(stored => stored.Entry.EntryId)]);
                    return piece.Select(stored => Row(head, stored, [.. latest[stored.Entry.EntryId]])).ToList();
                },
                cancel);
            foreach (var row in rows)
                yield return row;
            if (rows.Count < Piece)
                yield break;
            (time, id) = (rows[^1].ScheduledAt, rows[^1].EntryId);
        }
    }

    private static ExportRow Row(CalendarHead head, StoredEntry stored, IReadOnlyList<LatestIntent> latest)
    {
        var entry = stored.Entry;
        var errors = latest.Where(intent => intent.Error is not null).OrderBy(intent => intent.Channel, StringComparer.Ordinal)
            .Select(intent => $"{intent.Channel}: {intent.Error}");
        return new(
            entry.EntryId, head.CalendarId, stored.RunId, entry.ScheduledAt, entry.Timezone, entry.Channels, entry.Status,
            latest.OrderBy(intent => intent.Channel, StringComparer.Ordinal)
                .ToDictionary(intent => intent.Channel, intent => intent.Status, StringComparer.Ordinal),
            entry.Text, entry.Link, entry.MediaUrls, entry.Tags, latest.Any(i => i.Error is not null) ? string.Join("; ", errors) : null,
            entry.EditedFields, entry.Version);
    }
}
