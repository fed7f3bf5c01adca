using CalendarService.Identity;
using CalendarService.Requests;
using CalendarService.Storage;
using ServiceDefaults.Endpoints;
using ServiceDefaults.OpenApi;

namespace CalendarService.Calendars;

internal static class CalendarsApi
{
    public static void MapCalendars(this IEndpointRouteBuilder endpoints)
    {
        var calendars = endpoints.MapGroup("/api/calendar");
        calendars.MapRead("/", ListAsync).WithName("calendar-list").Documented(CalendarReferences.List);
        calendars.MapRead("/{calendarId}", LoadAsync).WithName("calendar-load").Documented(CalendarReferences.Load);
        calendars.MapPut("/{calendarId}", SaveAsync).WithName("calendar-save").Documented(CalendarReferences.Save);
        calendars.MapPatch("/{calendarId}/entries/{entryId}", PatchAsync).WithName("calendar-patch")
            .Documented(CalendarReferences.Patch);
        calendars.MapPost("/{calendarId}/diff", DiffAsync).WithName("calendar-diff").Documented(CalendarReferences.Diff);
        calendars.MapPost("/{calendarId}/apply", ApplyAsync).WithName("calendar-apply").Documented(CalendarReferences.Apply);
    }

    private static async Task<IResult> ListAsync(UserId user, Database database, CalendarStore store, HttpContext context)
    {
        var (cursor, limit) = (PageCursor.From(context), PageCursor.LimitFrom(context));
        return TypedResults.Ok(await database.ReadAsync(
            connection => store.ListAsync(connection, user.Value, cursor, limit), context.RequestAborted));
    }

    private static async Task<IResult> LoadAsync(
        UserId user, string calendarId, Database database, CalendarStore store, KnownCalendars known, HttpContext context)
    {
        context.TagCalendar(calendarId);
        // One moment: entries of a later version than the ETag would be a state that never was.
        return await database.SnapshotAsync<IResult>(
            async connection =>
            {
                var head = await store.HeadAsync(connection, user.Value, calendarId)
                    ?? throw await CalendarStore.ExplainMissingAsync(connection, calendarId);
                context.TagRun(head.LatestRunId);
                context.SetVersion(head);
                // The version does not say which run is the latest: who asks has to hear of one that waits to be applied.
                if (Preconditions.IsNotModified(context, head)
                    && (head.LatestRunId is null || await store.HasEntryFromAsync(connection, user.Value, calendarId, head.LatestRunId)))
                    return TypedResults.StatusCode(StatusCodes.Status304NotModified);
                var entries = await store.LiveAsync(connection, user.Value, calendarId);
                if (!known.IsCurrent(head))
                    known.Remember(await KnownCalendars.WithRunsAsync(connection, null, head, entries));
                return TypedResults.Ok(head.With(entries.Select(stored => stored.Entry)));
            },
            context.RequestAborted);
    }

    private static async Task<IResult> SaveAsync(UserId user, string calendarId, CalendarEditor editor, HttpContext context)
    {
        if (!CalendarId.TryParse(calendarId, out _))
            throw RefusedException.Invalid("calendarId", CalendarId.LegalRange);
        context.TagCalendar(calendarId);
        var (calendar, created) = await editor.SaveAsync(context, user.Value, calendarId);
        return created ? TypedResults.Created($"/api/calendar/{calendarId}", calendar) : TypedResults.Ok(calendar);
    }

    private static async Task<IResult> PatchAsync(
        UserId user, string calendarId, string entryId, CalendarEditor editor, HttpContext context)
    {
        context.TagCalendar(calendarId);
        return TypedResults.Ok(await editor.PatchAsync(context, user.Value, calendarId, entryId));
    }

    private static async Task<IResult> DiffAsync(UserId user, string calendarId, CalendarMerger merger, HttpContext context)
    {
        context.TagCalendar(calendarId);
        return TypedResults.Ok(await merger.DiffAsync(context, user.Value, calendarId));
    }

    private static async Task<IResult> ApplyAsync(UserId user, string calendarId, CalendarMerger merger, HttpContext context)
    {
        context.TagCalendar(calendarId);
        return TypedResults.Ok(await merger.ApplyAsync(context, user.Value, calendarId));
    }
}
