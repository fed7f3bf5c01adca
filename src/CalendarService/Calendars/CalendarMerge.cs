using ServiceDefaults.Times;

namespace CalendarService.Calendars;

/// <summary>What a run offers: its entries by id, and the days that it planned.</summary>
/// <param name="Complete">A run that ended early, or left posts out, says nothing about the entries that it lacks.</param>
internal sealed record RunProposal(
    string RunId, IReadOnlyDictionary<string, EntryContent> Entries, bool Complete, DateOnly FirstDay, int Days)
{
    public bool Covers(StoredEntry stored)
    {
        // By what was generated: moving an entry by hand does not take it out of the plan it came from.
        var planned = DateOnly.FromDateTime((stored.Generated ?? EntryContent.From(stored.Entry)).ScheduledAt.DateTime);
        return planned >= FirstDay && planned < FirstDay.AddDays(Days);
    }
}

/// <param name="Kind"><c>added</c>, <c>changed</c> or <c>removed</c>.</param>
/// <param name="Field">Only when changed.</param>
internal sealed record EntryChange(string EntryId, string Kind, string? Field, object? From, object? To);

/// <summary>Both a person and the run changed a field since the last applied run.</summary>
/// <param name="Field">Or <c>*</c>: the run no longer has an entry that a person edited.</param>
internal sealed record EntryConflict(string EntryId, string Field, object? Base, object? Mine, object? Theirs);

internal readonly record struct AcceptedField(string EntryId, string Field);

/// <param name="Updates">The entries to write; some only note a new merge base.</param>
internal sealed record MergeResult(
    IReadOnlyList<EntryChange> Changes, IReadOnlyList<EntryConflict> Conflicts, IReadOnlyList<StoredEntry> Updates);

/// <summary>
/// Field by field, three ways: base is what the last applied run generated, mine is stored, theirs is the run's.
/// A manual value wins unless it was accepted away. Pure: a diff is a merge that nobody writes down.
/// </summary>
internal sealed class CalendarMerge
{
    public const string WholeEntry = "*";

    private readonly RunProposal _run;
    private readonly IReadOnlySet<AcceptedField> _accepted;
    private readonly List<EntryChange> _changes = [];
    private readonly List<EntryConflict> _conflicts = [];
    private readonly List<StoredEntry> _updates = [];

    private CalendarMerge(RunProposal run, IReadOnlySet<AcceptedField> accepted) => (_run, _accepted) = (run, accepted);

    /// <param name="stored">Every row, removed ones included.</param>
    public static MergeResult Merge(IEnumerable<StoredEntry> stored, RunProposal run, IReadOnlySet<AcceptedField> accepted)
    {
        var merge = new CalendarMerge(run, accepted);
        var known = stored.ToDictionary(s => s.Entry.EntryId, StringComparer.Ordinal);
        foreach (var (entryId, theirs) in run.Entries.OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            if (!known.TryGetValue(entryId, out var mine))
                merge.Add(StoredEntry.ByRun(entryId, theirs, run.RunId));
            else if (mine.Removal == Removal.Run)
                merge.Add(StoredEntry.ByRun(entryId, theirs, run.RunId, mine.Entry.Version + 1));
            else if (mine.IsLive && !mine.IsPublished)
                merge.MergeFields(mine, theirs);
        }

        if (run.Complete)
        {
            foreach (var mine in known.Values.Where(s => !run.Entries.ContainsKey(s.Entry.EntryId)))
                merge.Miss(mine);
        }

        return new(merge._changes, merge._conflicts, merge._updates);
    }

    private void Add(StoredEntry added)
    {
        _changes.Add(new(added.Entry.EntryId, "added", null, null, added.Entry));
        _updates.Add(added);
    }

    private void MergeFields(StoredEntry stored, EntryContent theirs)
    {
        var mine = EntryContent.From(stored.Entry);
        var (content, generated) = (mine, stored.Generated ?? theirs);
        var edited = stored.Entry.EditedFields.ToHashSet(StringComparer.Ordinal);
        foreach (var field in EntryField.All)
        {
            if (!field.Same(mine, theirs) && IsKept(stored, field, mine, theirs))
            {
                if (stored.Generated is null)
                    generated = field.Copy(generated, mine);
                continue;
            }

            if (!field.Same(mine, theirs))
            {
                _changes.Add(new(stored.Entry.EntryId, "changed", field.Name, field.Get(mine), field.Get(theirs)));
                content = field.Copy(content, theirs);
                edited.Remove(field.Name);
            }

            generated = field.Copy(generated, theirs);
        }

        var changed = !ReferenceEquals(content, mine);
        var entry = !changed ? stored.Entry : content.ApplyTo(stored.Entry) with
        {
            // A time kept by hand has the offset of the run's zone from now on, as it will when it is loaded.
            ScheduledAt = Zones.At(content.ScheduledAt, content.Timezone),
            EditedFields = StoredEntry.Order(edited),
            Version = stored.Entry.Version + 1,
        };
        // An entry made by hand stays one until the run has a say in it.
        var basis = stored.Generated is null && !changed ? null : generated;
        var update = stored with { Entry = entry, Generated = basis, RunId = _run.RunId };
        if (changed || !update.HasSameBasis(stored))
            _updates.Add(update);
    }

    // The value differs from the run's. Kept when it is a person's, and then a conflict if the run moved too.
    private bool IsKept(StoredEntry stored, EntryField field, EntryContent mine, EntryContent theirs)
    {
        if (!stored.Entry.EditedFields.Contains(field.Name)
            || _accepted.Contains(new(stored.Entry.EntryId, field.Name)))
            return false;
        if (stored.Generated is null || !field.Same(stored.Generated, theirs))
        {
            var generated = stored.Generated is null ? null : field.Get(stored.Generated);
            _conflicts.Add(new(stored.Entry.EntryId, field.Name, generated, field.Get(mine), field.Get(theirs)));
        }

        return true;
    }

    private void Miss(StoredEntry stored)
    {
        if (!stored.IsLive || stored.IsPublished || stored.Generated is null || !_run.Covers(stored))
            return;
        var entry = stored.Entry;
        if (entry.EditedFields.Count > 0 && !_accepted.Contains(new(entry.EntryId, WholeEntry)))
        {
            _conflicts.Add(new(entry.EntryId, WholeEntry, stored.Generated, EntryContent.From(entry), null));
            return;
        }

        _changes.Add(new(entry.EntryId, "removed", null, entry, null));
        _updates.Add(stored with { Removal = Removal.Run, Entry = entry with { Version = entry.Version + 1 } });
    }
}
