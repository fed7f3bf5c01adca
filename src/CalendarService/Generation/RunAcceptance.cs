using System.Data.Common;
using CalendarService.Calendars;
using CalendarService.Requests;
using CalendarService.Runs;
using CalendarService.Texts;

namespace CalendarService.Generation;

/// <summary>Accepts a run in one transaction: calendar, run and key, or nothing.</summary>
internal sealed class RunAcceptance(CalendarStore calendars, RunStore runs)
{
    private const int TitleLength = 80;

    /// <returns>The run as the database has it; another one when its key was there before.</returns>
    public async Task<Run> AcceptAsync(DbTransaction transaction, Run run, IdempotencyKey? key, CancellationToken cancel)
    {
        if (key is not null && !await key.TryTakeAsync(transaction, run.RunId, run.CreatedAt))
        {
            var known = await key.AnswerAsync(transaction.Connection!, transaction);
            return (await runs.FindAsync(transaction.Connection!, run.UserId, known!, transaction))!;
        }

        var fills = await calendars.TryCreateAsync(transaction, NewCalendarFor(run) with { Filling = true });
        if (!fills)
            await calendars.NoteRunAsync(transaction, run.UserId, run.CalendarId, run.RunId);

        run = run with { Fills = fills };
        await runs.InsertAsync(transaction, run);
        await runs.AppendAsync(transaction, run.RunId, [RunFrames.Meta(run)], cancel);
        return run;
    }

    /// <summary>The calendar that the run makes, if there is none yet.</summary>
    public static CalendarHead NewCalendarFor(Run run) => new(
        run.UserId, run.CalendarId, TitleFrom(run.Command.Brief), run.Command.Timezone, 1, run.RunId, run.CreatedAt, false);

    private static string TitleFrom(string brief)
    {
        var line = brief.Trim().Split('\n', 2)[0].Trim();
        if (!Characters.Exceed(line, TitleLength))
            return line;
        var title = Characters.Take(line, TitleLength);
        var end = title.LastIndexOf(' ');
        return (end > title.Length / 2 ? title[..end] : title).TrimEnd() + "…";
    }
}
