using System.Data.Common;
using CalendarService.Identity;
using CalendarService.Requests;
using CalendarService.Storage;
using ServiceDefaults.Wire;

namespace CalendarService.Calendars;

/// <summary>What a person does to a calendar: saves it whole, or changes one entry.</summary>
internal sealed class CalendarEditor(
    Database database, CalendarStore store, KnownCalendars known, EntryForm entryForm, LimitsOptions limits, TimeProvider clock)
{
    private const int LongestTitle = 200;
    private const int LongestEntryId = 64;

    private static readonly Dictionary<string, Entry> NothingStored = [];

    /// <returns>The calendar, and whether it is new.</returns>
    public async Task<(Calendar Calendar, bool Created)> SaveAsync(HttpContext context, string userId, string calendarId)
    {
        var create = Preconditions.AsksToCreate(context);
        if (!create)
            Preconditions.RequireIfMatch(context);
        var save = await ReadSaveAsync(context, userId, calendarId, create);
        var saved = await known.ForgetOnUnclearOutcomeAsync(userId, calendarId, () => database.WriteAsync(
            async transaction => create
                ? await CreateAsync(context, transaction, userId, calendarId, save)
                : await ReplaceAsync(context, transaction, userId, calendarId, save),
            context.RequestAborted));
        known.Remember(saved);
        return (saved.Head.With(InOrder(saved.Entries)), create);
    }

    public async Task<Entry> PatchAsync(HttpContext context, string userId, string calendarId, string entryId)
    {
        Preconditions.RequireIfMatch(context);
        using var body = await JsonBody.ReadAsync(context, limits.BodyBytes, "application/merge-patch+json");
        var (after, entry) = await known.ForgetOnUnclearOutcomeAsync(userId, calendarId, () => database.WriteAsync(
            async transaction =>
            {
                var head = await store.LockAsync(transaction, userId, calendarId)
                    ?? throw RefusedException.CalendarNotFound(calendarId);
                context.TagRun(head.LatestRunId);
                var stored = await store.FindAsync(transaction, userId, calendarId, entryId);
                if (stored is not { IsLive: true })
                    throw EntryNotFound(entryId);
                Preconditions.CheckIfMatch(context, head);

                var form = new JsonForm(body.RootElement);
                var (content, status) = entryForm.Patch(form, stored.Entry);
                form.ThrowIfFaulty();
                var edited = stored.Edit(content, status);
                if (!ReferenceEquals(edited, stored))
                {
                    RefuseIfPublished(stored);
                    await store.SaveAsync(transaction, head, [edited], context.RequestAborted);
                    head = await store.BumpAsync(transaction, head);
                }

                context.SetVersion(head);
                return (head, edited);
            },
            context.RequestAborted));
        known.RememberEdit(after, entry);
        return entry.Entry;
    }

    private async Task<Save> ReadSaveAsync(HttpContext context, string userId, string calendarId, bool create)
    {
        using var body = await JsonBody.ReadAsync(context, limits.SaveBodyBytes);
        var form = new JsonForm(body.RootElement);
        var save = ReadSave(form, calendarId, NothingStored);
        if (form.IsFaulty && !create)
        {
            // The rules may be others than when the calendar was stored, and only then is what is stored worth a look.
            form = new JsonForm(body.RootElement);
            save = ReadSave(form, calendarId, await StoredEntriesAsync(userId, calendarId, context.RequestAborted));
        }

        form.ThrowIfFaulty();
        return save;
    }

    private async Task<IReadOnlyDictionary<string, Entry>> StoredEntriesAsync(
        string userId, string calendarId, CancellationToken cancel)
    {
        var stored = await database.SnapshotAsync(connection => store.StoredAsync(connection, userId, calendarId), cancel);
        return stored.Where(entry => entry.IsLive).ToDictionary(entry => entry.Entry.EntryId, entry => entry.Entry, StringComparer.Ordinal);
    }

    private Save ReadSave(JsonForm form, string calendarId, IReadOnlyDictionary<string, Entry> stored)
    {
        if (form.OptionalText("calendarId", 64) is { } named && named != calendarId)
            form.Fault("calendarId", "is not the one of the address");
        var title = form.Text("title", LongestTitle);
        var zone = entryForm.Zone(form);
        if (!form.Has("entries"))
            form.Fault("entries", "is required; an empty array deletes every entry");

        var entries = new Dictionary<string, (EntryContent, string?)>(StringComparer.Ordinal);
        foreach (var entry in form.Forms("entries", Math.Max(limits.EntriesPerCalendar, stored.Count)))
        {
            var entryId = entry.Text("entryId", LongestEntryId);
            if (entryId.Length > 0 && !CalendarId.TryParse(entryId, out _))
                entry.Fault("entryId", CalendarId.LegalRange);
            if (!entries.TryAdd(entryId, entryForm.Read(entry, zone, stored.GetValueOrDefault(entryId))) && entryId.Length > 0)
                entry.Fault("entryId", "is there twice");
        }

        return new(title, zone, entries);
    }

    private async Task<KnownCalendar> CreateAsync(
        HttpContext context, DbTransaction transaction, string userId, string calendarId, Save save)
    {
        var head = new CalendarHead(
            userId, calendarId, save.Title, save.Timezone, 1, null, TimestampHandler.Round(clock.GetUtcNow()), false);
        if (!await store.TryCreateAsync(transaction, head))
            throw Preconditions.AlreadyExists((await store.LockAsync(transaction, userId, calendarId))!);
        StoredEntry[] entries =
            [.. save.Entries.Select(e => StoredEntry.ByHand(e.Key, e.Value.Content, e.Value.Status ?? StoredEntry.Draft))];
        await store.SaveAsync(transaction, head, entries, context.RequestAborted);
        context.SetVersion(head);
        return await KnownCalendars.WithRunsAsync(transaction.Connection!, transaction, head, entries);
    }

    private async Task<KnownCalendar> ReplaceAsync(
        HttpContext context, DbTransaction transaction, string userId, string calendarId, Save save)
    {
        var head = await store.LockAsync(transaction, userId, calendarId) ?? throw RefusedException.CalendarNotFound(calendarId);
        context.TagRun(head.LatestRunId);
        Preconditions.CheckIfMatch(context, head);
        // An entry that arrives after the client loaded would look deleted.
        if (head.Filling)
            throw RefusedException.RunRunning(head.LatestRunId!);

        var stored = await store.StoredAsync(transaction.Connection!, userId, calendarId, transaction);
        var (updates, all) = save.Against(stored);
        if (updates.Count > 0 || save.Title != head.Title || save.Timezone != head.Timezone)
        {
            await store.SaveAsync(transaction, head, updates, context.RequestAborted);
            head = await store.BumpAsync(transaction, head with { Title = save.Title, Timezone = save.Timezone });
        }

        context.SetVersion(head);
        return await KnownCalendars.WithRunsAsync(transaction.Connection!, transaction, head, all);
    }

    private static IEnumerable<Entry> InOrder(IEnumerable<StoredEntry> entries) => entries
        .Where(e => e.IsLive).Select(e => e.Entry)
        .OrderBy(e => e.ScheduledAt).ThenBy(e => e.EntryId, StringComparer.Ordinal);

    private static RefusedException EntryNotFound(string entryId) =>
        new(StatusCodes.Status404NotFound, "entry-not-found", $"The calendar has no entry {entryId}.");

    private static void RefuseIfPublished(StoredEntry stored)
    {
        if (stored.IsPublished)
        {
            throw new RefusedException(
                StatusCodes.Status409Conflict, "entry-published",
                $"Entry {stored.Entry.EntryId} is published; it can no longer change.")
            {
                Members = new Dictionary<string, object>(StringComparer.Ordinal) { ["entryId"] = stored.Entry.EntryId },
            };
        }
    }

    private sealed record Save(
        string Title, string Timezone, IReadOnlyDictionary<string, (EntryContent Content, string? Status)> Entries)
    {
        /// <returns>The rows to write, and every row as it will be.</returns>
        public (IReadOnlyList<StoredEntry> Updates, IReadOnlyList<StoredEntry> All) Against(IReadOnlyList<StoredEntry> stored)
        {
            var updates = new List<StoredEntry>();
            var all = new List<StoredEntry>();
            foreach (var before in stored)
            {
                var after = Entries.TryGetValue(before.Entry.EntryId, out var saved)
                    ? before.Edit(saved.Content, saved.Status ?? (before.IsLive ? before.Entry.Status : StoredEntry.Draft))
                    : Delete(before);
                all.Add(after);
                if (ReferenceEquals(after, before))
                    continue;
                RefuseIfPublished(before);
                updates.Add(after);
            }

            var known = stored.Select(s => s.Entry.EntryId).ToHashSet(StringComparer.Ordinal);
            foreach (var (entryId, (content, status)) in Entries.Where(e => !known.Contains(e.Key)))
            {
                var added = StoredEntry.ByHand(entryId, content, status ?? StoredEntry.Draft);
                all.Add(added);
                updates.Add(added);
            }

            return (updates, all);
        }

        private static StoredEntry Delete(StoredEntry before) => !before.IsLive
            ? before
            : before with
            {
                Removal = Removal.Manual,
                Entry = before.Entry with { Version = before.Entry.Version + 1 },
            };
    }
}
