using System.Data.Common;
using CalendarService.Calendars;
using CalendarService.Identity;
using CalendarService.Requests;
using CalendarService.Storage;

namespace CalendarService.Generation;

/// <summary>Accepts a generation: one transaction makes calendar, run and key, or nothing.</summary>
internal sealed class RunStarter(
    Database database, CalendarStore calendars, RunStore runs, LiveRuns live, RunWorker worker, TimeProvider clock)
{
    private const int TitleLength = 80;

    /// <returns>The run, and the live one when it is new: <see cref="Begin"/> it.</returns>
    public async Task<(Run Run, LiveRun? New)> StartAsync(
        string userId, GenerateCommand command, IdempotencyKey? key, string requestId, CancellationToken cancel)
    {
        if (!live.TryReserve())
        {
            throw new RefusedException(
                StatusCodes.Status503ServiceUnavailable, "too-many-runs", "Too many calendars are being generated. Try again soon.")
            {
                Headers = [(RefusalMiddleware.NotAccepted, "true"), ("Retry-After", "5")],
            };
        }

        try
        {
            var (run, isNew) = await database.WriteAsync(
                transaction => AcceptAsync(transaction, userId, command, key, requestId, cancel), cancel);
            if (isNew)
            {
                var started = new LiveRun(run, clock);
                started.Add([RunFrames.Meta(run)]);
                live.Add(started);
                return (run, started);
            }

            live.Release();
            return (run, null);
        }
        catch
        {
            live.Release();
            throw;
        }
    }

    /// <summary>Asks the writer, in the background.</summary>
    public void Begin(LiveRun run) => _ = Task.Run(() => worker.WorkAsync(run));

    private async Task<(Run Run, bool IsNew)> AcceptAsync(
        DbTransaction transaction, string userId, GenerateCommand command, IdempotencyKey? key, string requestId,
        CancellationToken cancel)
    {
        var runId = Guid.CreateVersion7().ToString();
        var now = TimestampHandler.Round(clock.GetUtcNow());
        if (key is not null && !await key.TryTakeAsync(transaction, runId, now))
        {
            var known = await key.AnswerAsync(transaction.Connection!, transaction);
            return ((await runs.FindAsync(transaction.Connection!, userId, known!, transaction))!, false);
        }

        var calendarId = command.CalendarId ?? CalendarId.New().Value;
        var fills = await calendars.TryCreateAsync(transaction, new CalendarHead(
            userId, calendarId, TitleOf(command.Brief), command.Timezone, 1, runId, now, true));
        if (!fills)
            await calendars.NoteRunAsync(transaction, userId, calendarId, runId);

        var run = new Run(
            runId, userId, calendarId, command, fills, RunStatus.Running, true, null, 0, requestId, now, null);
        await runs.InsertAsync(transaction, run);
        await runs.AppendAsync(transaction, runId, [RunFrames.Meta(run)], cancel);
        return (run, true);
    }

    private static string TitleOf(string brief)
    {
        var line = brief.Trim().Split('\n', 2)[0].Trim();
        if (line.Length <= TitleLength)
            return line;
        var end = line.LastIndexOf(' ', TitleLength);
        end = end > TitleLength / 2 ? end : TitleLength;
        if (char.IsHighSurrogate(line[end - 1]))
            end--;
        return line[..end].TrimEnd() + "…";
    }
}
