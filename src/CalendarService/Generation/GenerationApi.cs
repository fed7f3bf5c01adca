using CalendarService.Identity;
using CalendarService.Requests;
using CalendarService.Runs;
using CalendarService.Storage;
using ServiceDefaults.Correlation;
using ServiceDefaults.OpenApi;

namespace CalendarService.Generation;

/// <param name="Status"><c>running</c> only when the run did not stop within a few seconds.</param>
internal sealed record RunSummary(string RunId, string CalendarId, string Status, bool Partial, int Entries, string? Message)
{
    public static RunSummary FromStored(Run run) =>
        new(run.RunId, run.CalendarId, run.Status.ToLabel(), run.Partial, run.Entries, run.Message);

    public static RunSummary FromLive(LiveRun live)
    {
        var status = live.Ending?.Status ?? RunStatus.Running;
        var partial = live.Ending?.Partial ?? true;
        return new(live.Run.RunId, live.Run.CalendarId, status.ToLabel(), partial, live.Entries, live.Ending?.Message);
    }
}

internal static class GenerationApi
{
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(5);

    public static void MapGeneration(this IEndpointRouteBuilder endpoints)
    {
        var calendars = endpoints.MapGroup("/api/calendar");
        calendars.MapPost("/generate", GenerateAsync).WithName("calendar-generate").Documented(GenerationReferences.Generate);
        calendars.MapGet("/runs/{runId}/stream", StreamAsync).WithName("run-stream").Documented(GenerationReferences.Follow);
        calendars.MapPost("/runs/{runId}/cancel", CancelAsync).WithName("run-cancel").Documented(GenerationReferences.Cancel);
    }

    private static async Task GenerateAsync(
        UserId user, GenerateForm form, RunStarter starter, RunStream stream, LiveRuns live, HttpContext context)
    {
        var command = await form.ReadAsync(context);
        context.TagChannels(command.Channels);
        var key = IdempotencyKey.From(context, user.Value, "generate", command);
        var requestId = context.Features.Get<RequestFields>()!.RequestId;
        var (run, started) = await starter.StartAsync(user.Value, command, key, requestId, context.RequestAborted);
        Tag(context, run);
        var sent = 0L;
        try
        {
            await RunStream.OpenAsync(context);
            if (started is not null)
                sent = await RunStream.SendFirstAsync(context, started);
        }
        catch (OperationCanceledException)
        {
            // Gone already; the run was accepted and goes on, for whoever comes back for it.
        }
        finally
        {
            if (started is not null)
                starter.Begin(started);
        }

        await stream.FollowAsync(context, started ?? live.Find(run.RunId), run.RunId, sent);
    }

    private static async Task StreamAsync(
        UserId user, string runId, Database database, RunStore runs, LiveRuns live, RunStream stream, HttpContext context)
    {
        var after = LastEventId.From(context);
        var liveRun = FindLive(live, user, runId); // Before the row is read: a run that ends in between is whole in the table.
        var (run, more) = liveRun is not null
            // Not its ending: that is decided before its done is saved, and told after.
            ? (liveRun.Run, !liveRun.Ended.IsCompleted || liveRun.NextSeq - 1 > after)
            : await database.ReadAsync(
                async connection =>
                {
                    var run = await runs.FindAsync(connection, user.Value, runId)
                        ?? throw RefusedException.RunNotFound(runId, isAnothers: await RunStore.ExistsAsync(connection, runId));
                    return (run, run.Status == RunStatus.Running || (await runs.EventsAsync(connection, runId, after, 1)).Count > 0);
                },
                context.RequestAborted);
        Tag(context, run);
        if (!more)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await RunStream.OpenAsync(context);
        await stream.FollowAsync(context, liveRun, runId, after);
    }

    private static async Task<IResult> CancelAsync(
        UserId user, string runId, Database database, RunStore runs, LiveRuns live, HttpContext context)
    {
        RunSummary summary;
        if (FindLive(live, user, runId) is { } here)
        {
            Tag(context, here.Run);
            here.Stop(StopReason.Cancelled);
            await Task.WhenAny(here.Ended, Task.Delay(CancelPatience, context.RequestAborted));
            summary = RunSummary.FromLive(here);
        }
        else
        {
            var run = await FindAsync(user, runId, database, runs, context);
            Tag(context, run);
            if (run.Status == RunStatus.Running)
            {
                await database.WriteAsync(transaction => runs.RequestCancelAsync(transaction, runId), context.RequestAborted);
                run = await FindAsync(user, runId, database, runs, context);
            }

            summary = RunSummary.FromStored(run);
        }

        return summary.Status == RunStatus.Running.ToLabel() ? TypedResults.Accepted((string?)null, summary) : TypedResults.Ok(summary);
    }

    private static LiveRun? FindLive(LiveRuns live, UserId user, string runId) =>
        live.Find(runId) is { } run && run.Run.UserId == user.Value ? run : null;

    private static Task<Run> FindAsync(UserId user, string runId, Database database, RunStore runs, HttpContext context) =>
        database.ReadAsync(
            async connection => await runs.FindAsync(connection, user.Value, runId) ?? throw RefusedException.RunNotFound(runId),
            context.RequestAborted);

    private static void Tag(HttpContext context, Run run)
    {
        context.TagCalendar(run.CalendarId);
        context.TagRun(run.RunId);
        context.TagChannels(run.Command.Channels);
    }
}
