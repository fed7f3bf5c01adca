using CalendarService.Calendars;
using CalendarService.Channels;
using CalendarService.Identity;
using CalendarService.Intents;
using CalendarService.Requests;
using CalendarService.Storage;
using ServiceDefaults.Endpoints;
using ServiceDefaults.OpenApi;

namespace CalendarService.Publishing;

internal static class PublishingApi
{
    public static IServiceCollection AddPublishing(this IServiceCollection services) =>
        services.AddSingleton<Publisher>();

    public static void MapPublishing(this IEndpointRouteBuilder endpoints)
    {
        var publish = endpoints.MapGroup("/api/publish");
        publish.MapPost("/", PublishAsync).WithName("publish").Documented(PublishingReferences.Publish);
        publish.MapRead("/intents", ListAsync).WithName("publish-intents").Documented(PublishingReferences.List);
        publish.MapRead("/channels", Channels).WithName("publish-channels").Documented(PublishingReferences.Channels);
    }

    private static async Task<IResult> PublishAsync(UserId user, Publisher publisher, LimitsOptions limits, HttpContext context)
    {
        // What holds when the request is refused; an answer and a failure each replace it.
        context.TagOutcome(PublishAnswer.Rejected);
        try
        {
            var command = await PublishCommand.ReadAsync(context, limits);
            context.TagCalendar(command.CalendarId);
            context.TagRun(command.RunId);
            var answer = await publisher.PublishAsync(context, user.Value, command);
            context.TagOutcome(answer.Outcome);
            return TypedResults.Json(answer, statusCode: answer.Outcome switch
            {
                PublishAnswer.Ok => StatusCodes.Status200OK,
                PublishAnswer.Queued => StatusCodes.Status202Accepted,
                _ => StatusCodes.Status207MultiStatus,
            });
        }
        catch (Exception error) when (error is not (RefusedException { Status: < 500 } or BadHttpRequestException))
        {
            context.TagOutcome(PublishAnswer.FailedOutcome);
            throw;
        }
    }

    private static async Task<IResult> ListAsync(
        UserId user, Database database, CalendarStore calendars, IntentStore intents, HttpContext context)
    {
        var (cursor, limit) = (PageCursor.From(context), PageCursor.LimitFrom(context));
        var calendarId = context.Request.Query["calendarId"] switch
        {
            [] or [null or ""] => null,
            [{ } id] => id,
            _ => throw RefusedException.Invalid("calendarId", "is there twice"),
        };
        if (calendarId is not null)
            context.TagCalendar(calendarId);
        return TypedResults.Ok(await database.ReadAsync(
            async connection => calendarId is null || await calendars.HeadAsync(connection, user.Value, calendarId) is not null
                ? await intents.ListAsync(connection, user.Value, calendarId, cursor, limit)
                : throw RefusedException.CalendarNotFound(calendarId),
            context.RequestAborted));
    }

    private static IResult Channels(UserId user, ChannelRegistry channels) => TypedResults.Ok(channels.Statuses());
}
