using System.Data.Common;
using CalendarService.Identity;
using CalendarService.Requests;
using CalendarService.Runs;
using CalendarService.Storage;

namespace CalendarService.Calendars;

internal sealed record CalendarDiff(
    long BaseVersion, IReadOnlyList<EntryChange> Changes, IReadOnlyList<EntryConflict> Conflicts);

/// <summary>Shows what a run would change in a calendar, and does it.</summary>
internal sealed class CalendarMerger(
    Database database, CalendarStore store, KnownCalendars known, RunStore runs, EntryRules rules, LimitsOptions limits)
{
    private static readonly HashSet<AcceptedField> Nothing = [];

    public async Task<CalendarDiff> DiffAsync(HttpContext context, string userId, string calendarId)
    {
        using var body = await JsonBody.ReadAsync(context, limits.BodyBytes);
        var form = new JsonForm(body.RootElement);
        var runId = form.Text("runId", 64);
        form.ThrowIfFaulty();
        return await database.SnapshotAsync(
            async connection =>
            {
                var head = await store.HeadAsync(connection, userId, calendarId)
                    ?? throw RefusedException.CalendarNotFound(calendarId);
                var proposal = await ReadProposalAsync(connection, null, userId, calendarId, runId);
                context.TagRun(runId);
                var stored = await store.StoredAsync(connection, userId, calendarId);
                var merge = CalendarMerge.Merge(stored, proposal, Nothing);
                return new CalendarDiff(head.Version, merge.Changes, merge.Conflicts);
            },
            context.RequestAborted);
    }

    public async Task<Calendar> ApplyAsync(HttpContext context, string userId, string calendarId)
    {
        Preconditions.RequireIfMatch(context);
        using var body = await JsonBody.ReadAsync(context, limits.BodyBytes);
        var (runId, accepted) = ReadApply(new JsonForm(body.RootElement));
        var applied = await known.ForgetOnUnclearOutcomeAsync(userId, calendarId, () => database.WriteAsync(
            async transaction =>
            {
                var head = await store.LockAsync(transaction, userId, calendarId)
                    ?? throw RefusedException.CalendarNotFound(calendarId);
                var proposal = await ReadProposalAsync(transaction.Connection!, transaction, userId, calendarId, runId);
                context.TagRun(runId);
                Preconditions.CheckIfMatch(context, head);
                if (head.Filling)
                    throw RefusedException.RunRunning(head.LatestRunId!);

                var stored = await store.StoredAsync(transaction.Connection!, userId, calendarId, transaction);
                var merge = CalendarMerge.Merge(stored, proposal, accepted);
                await store.SaveAsync(transaction, head, merge.Updates, context.RequestAborted);
                // Also when no content changes: an export shows the run that last wrote an entry, and what a run is compared with has
                // moved. The same run once more updates nothing.
                if (merge.Updates.Count > 0)
                    head = await store.BumpAsync(transaction, head);
                context.SetVersion(head);

                var after = stored.ToDictionary(s => s.Entry.EntryId, StringComparer.Ordinal);
                foreach (var update in merge.Updates)
                    after[update.Entry.EntryId] = update;
                return await KnownCalendars.WithRunsAsync(transaction.Connection!, transaction, head, after.Values);
            },
            context.RequestAborted));
        known.Remember(applied);
        return applied.Head.With(applied.Entries.Select(stored => stored.Entry)
            .OrderBy(e => e.ScheduledAt).ThenBy(e => e.EntryId, StringComparer.Ordinal));
    }

    /// <summary>What a finished run offers to its calendar.</summary>
    /// <exception cref="RefusedException">The user has no such run of this calendar, or it still runs.</exception>
    private async Task<RunProposal> ReadProposalAsync(
        DbConnection connection, DbTransaction? transaction, string userId, string calendarId, string runId)
    {
        var run = await runs.FindAsync(connection, userId, runId, transaction);
        if (run is null || run.CalendarId != calendarId)
            throw RefusedException.RunNotFound(runId);
        if (run.Status == RunStatus.Running)
            throw RefusedException.RunRunning(runId);
        var entries = (await runs.EntriesAsync(connection, transaction, runId))
            .ToDictionary(
                entry => entry.EntryId, entry => rules.Fit(EntryContent.From(entry)).Content.AsPlanned(), StringComparer.Ordinal);
        // A writer that left posts out did not plan without them either.
        var complete = !run.Partial && entries.Count == run.Command.Days * run.Command.PostsPerDay;
        return new(runId, entries, complete, run.Command.StartDate, run.Command.Days);
    }

    private static (string RunId, HashSet<AcceptedField> Accepted) ReadApply(JsonForm form)
    {
        const int Most = 10_000;
        var runId = form.Text("runId", 64);
        var accepted = new HashSet<AcceptedField>();
        foreach (var item in form.Forms("accept", Most))
        {
            var (entryId, field) = (item.Text("entryId", 64), item.Text("field", 64));
            if (field.Length > 0 && field != CalendarMerge.WholeEntry && !EntryField.Names.Contains(field))
                item.Fault("field", $"has to be one of {string.Join(", ", EntryField.Names)}, or * for a removed entry");
            accepted.Add(new(entryId, field));
        }

        form.ThrowIfFaulty();
        return (runId, accepted);
    }
}
