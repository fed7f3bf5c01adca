using System.Data.Common;
using CalendarService.Runs;
using CalendarService.Storage;

namespace CalendarService.Calendars;

/// <summary>A calendar as a publish has to know it.</summary>
/// <param name="Entries">Live ones; without the merge base.</param>
/// <param name="Runs">All that it ever had.</param>
internal sealed record KnownCalendar(
    CalendarHead Head, IReadOnlyList<StoredEntry> Entries, IReadOnlyDictionary<string, RunMark> Runs)
{
    /// <summary>Whether it can say all that a publish of these needs, without asking the database.</summary>
    public bool Covers(string? runId, IReadOnlyList<string>? entryIds) =>
        (runId is null || Runs.ContainsKey(runId))
        && (entryIds is null
            || Entries.Select(entry => entry.Entry.EntryId).ToHashSet(StringComparer.Ordinal).IsSupersetOf(entryIds));
}

/// <summary>
/// The calendars that this node read or wrote last, as they were then: what a publish goes by while the database is
/// away. While the database is there, nobody reads it.
/// </summary>
internal sealed class KnownCalendars(KnownCalendarsOptions options)
{
    /// <summary>What <see cref="ReadAsync"/> reads, of <c>@calendarId</c> of <c>@userId</c>.</summary>
    public const string Selects = $"{CalendarStore.HeadSelect}; {CalendarStore.LiveSelect}; {RunStore.MarksSelect}";

    private readonly Lock _gate = new();
    private readonly Dictionary<(string User, string Calendar), LinkedListNode<KnownCalendar>> _nodes = [];
    private readonly LinkedList<KnownCalendar> _recent = [];
    private int _entries;

    /// <summary>Of this user, and of nobody else.</summary>
    public KnownCalendar? Find(string userId, string calendarId)
    {
        lock (_gate)
            return _nodes.GetValueOrDefault((userId, calendarId))?.Value;
    }

    /// <summary>Whether what is known is what this head says.</summary>
    public bool IsCurrent(CalendarHead head) =>
        Find(head.UserId, head.CalendarId)?.Head is { } known
        && (known.Version, known.LatestRunId) == (head.Version, head.LatestRunId);

    /// <summary>Takes the results of <see cref="Selects"/>, and remembers the calendar.</summary>
    /// <returns>Null when the user has none of this id.</returns>
    public async Task<KnownCalendar?> ReadAsync(SnapshotResults results, string userId)
    {
        if (await CalendarStore.HeadAsync(results, userId) is not { } head)
            return null;
        var known = new KnownCalendar(head, await CalendarStore.LiveAsync(results), await RunStore.MarksAsync(results));
        Remember(known);
        return known;
    }

    /// <summary>Looks up what else has to be known of a calendar whose entries the caller has.</summary>
    public static async Task<KnownCalendar> WithRunsAsync(
        DbConnection connection, DbTransaction? transaction, CalendarHead head, IEnumerable<StoredEntry> entries) => new(
        head, [.. entries.Where(entry => entry.IsLive).Select(entry => entry with { Generated = null })],
        await RunStore.MarksAsync(connection, transaction, head.UserId, head.CalendarId));

    public void Remember(KnownCalendar calendar)
    {
        var head = calendar.Head;
        // One whose run still adds entries is not whole yet, and one larger than the limit would push out all others.
        var leftOut = head.Filling || Weight(calendar) > options.KnownEntries;
        var key = (head.UserId, head.CalendarId);
        lock (_gate)
        {
            // What was read before a save may arrive here after it.
            if (_nodes.TryGetValue(key, out var before) && before.Value.Head.Version > head.Version)
                return;
            Drop(key); // Also when this one is not remembered: its earlier state is no longer what would be published.
            if (leftOut)
                return;
            _nodes[key] = _recent.AddFirst(calendar);
            _entries += Weight(calendar);
            while (_entries > options.KnownEntries && _recent.Last is { } oldest)
                Drop((oldest.Value.Head.UserId, oldest.Value.Head.CalendarId));
        }
    }

    /// <summary>Forgets the calendar if a write ends in such a way that nobody knows how it stands now.</summary>
    public async Task<T> ForgetOnUnclearOutcomeAsync<T>(string userId, string calendarId, Func<Task<T>> write)
    {
        try
        {
            return await write();
        }
        catch (StoreUnavailableException away) when (!away.NothingWritten)
        {
            Forget(userId, calendarId);
            throw;
        }
    }

    public void Forget(string userId, string calendarId)
    {
        lock (_gate)
            Drop((userId, calendarId));
    }

    /// <summary>One entry changed, which moved the version by one.</summary>
    public void RememberEdit(CalendarHead head, StoredEntry edited)
    {
        if (Find(head.UserId, head.CalendarId) is not { } known)
            return;
        if (known.Head.Version == head.Version - 1)
        {
            Remember(known with
            {
                Head = head,
                Entries = [.. known.Entries.Select(e => e.Entry.EntryId == edited.Entry.EntryId ? edited with { Generated = null } : e)],
            });
        }
        else if (known.Head.Version < head.Version)
        {
            lock (_gate)
                Drop((head.UserId, head.CalendarId)); // Somebody else's change lies between.
        }
    }

    private void Drop((string User, string Calendar) key)
    {
        if (!_nodes.Remove(key, out var node))
            return;
        _recent.Remove(node);
        _entries -= Weight(node.Value);
    }

    // A calendar without entries takes room too, above all one that was generated again and again.
    private static int Weight(KnownCalendar calendar) => Math.Max(1, Math.Max(calendar.Entries.Count, calendar.Runs.Count));
}
