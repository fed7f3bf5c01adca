using CalendarService.Channels;
using CalendarService.Identity;
using CalendarService.Requests;
using ServiceDefaults.Endpoints;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Wire;

namespace CalendarService.Export;

internal static class ExportApi
{
    /// <summary>Where a profile's file differs from the calendar: <c>timezone=Europe/Berlin, published-left-out=2</c>.</summary>
    public const string NotesHeader = "X-Export-Notes";

    private const int Attempts = 5;

    public static IServiceCollection AddExport(this IServiceCollection services) => services.AddSingleton<ExportReader>();

    public static void MapExport(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapRead("/api/calendar/{calendarId}/export", ExportAsync).WithName("calendar-export")
            .Documented(ExportReferences.Export);

    private static async Task ExportAsync(
        UserId user, string calendarId, ExportReader reader, ChannelRegistry channels, HttpContext context)
    {
        context.TagCalendar(calendarId);
        if (!ExportQuery.TryRead(context.Request.Query, out var asked, out var fault))
            throw new RefusedException(StatusCodes.Status400BadRequest, fault!.Code, fault.Detail) { Errors = fault.Errors };
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await WriteAsync(user, calendarId, asked, reader, channels, context);
                return;
            }
            catch (CalendarChangedException changed) when (changed.NothingYet || asked.Profile is not null)
            {
                // Before the first byte, so that the new version can take its place. After it the answer is cut off, visibly.
                if (attempt == Attempts)
                    throw RefusedException.CalendarChanging(calendarId);
            }
        }
    }

    private static async Task WriteAsync(
        UserId user, string calendarId, ExportQuery asked, ExportReader reader, ChannelRegistry channels, HttpContext context)
    {
        var head = await reader.HeadAsync(user.Value, calendarId, context.RequestAborted);
        context.TagRun(head.LatestRunId);
        var scope = ExportScope.Read(context.Request.Query, head, channels, wallClock: asked.Profile is not null);
        var rows = reader.RowsAsync(head, scope, context.RequestAborted);
        if (asked.Profile is { } profile)
        {
            var file = await ProfileFile.BuildAsync(profile, scope.Timezone, rows, context.RequestAborted);
            Announce(context, string.Join('-', new[] { head.CalendarId, profile.Name, scope.Channel }.OfType<string>()) + ".csv",
                profile.ContentType);
            context.Response.Headers[NotesHeader] = file.Notes;
            await CalendarCsv.WriteAsync(context.Response.Body, profile, file.Rows, context.RequestAborted);
        }
        else if (asked.Csv)
        {
            Announce(context, head.CalendarId + ".csv", "text/csv; charset=utf-8; header=present");
            await CalendarCsv.WriteAsync(context.Response.Body, rows, context.RequestAborted);
        }
        else
        {
            Announce(context, head.CalendarId + ".json", "application/json; charset=utf-8");
            await CalendarJson.WriteAsync(context.Response.BodyWriter, head, rows, context.RequestAborted);
        }
    }

    private static void Announce(HttpContext context, string file, string type)
    {
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{file}\"";
        context.Response.ContentType = type;
    }
}
