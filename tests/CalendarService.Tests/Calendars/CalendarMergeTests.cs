using CalendarService.Calendars;
using FsCheck;
using FsCheck.Fluent;

namespace CalendarService.Tests.Calendars;

/// <summary>
/// Properties of the merge over calendars with few ids and few values, so that everything collides with everything.
/// Holds docs/contract.md section 5: the calendar API.
/// </summary>
public sealed class CalendarMergeTests
{
    private static readonly DateTimeOffset Day = new(2099, 12, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly HashSet<AcceptedField> Nothing = [];

    private static readonly Gen<EntryContent> Contents =
        from hour in Gen.Choose(0, 2)
        from text in Gen.Elements("a", "b", "c")
        from link in Gen.Elements<string?>(null, "https://example.org/")
        from tag in Gen.Elements("t", "u")
        select new EntryContent(Day.AddHours(hour), "UTC", ["x"], text, link, [], [tag]);

    private static readonly Gen<string> Ids = Gen.Elements("e1", "e2", "e3", "e4");

    private static readonly Gen<RunProposal> Runs =
        from entries in Gen.Zip(Ids, Contents).ListOf()
        from complete in Gen.Elements(true, false)
        select new RunProposal(
            Guid.NewGuid().ToString(),
            entries.GroupBy(e => e.Item1).ToDictionary(g => g.Key, g => g.First().Item2, StringComparer.Ordinal),
            complete, new DateOnly(2099, 12, 1), 1);

    private static readonly Gen<(string Id, string Act, EntryContent Content)> Acts =
        from id in Ids
        from act in Gen.Elements("edit", "delete", "publish", "create")
        from content in Contents
        select (id, act, content);

    // A history: a first run is applied, a person works, perhaps another run is applied, the person works again.
    private static readonly Gen<IReadOnlyList<StoredEntry>> Calendars =
        from first in Runs
        from acts in Acts.ListOf()
        from second in Runs
        from more in Acts.ListOf()
        select Work(Apply(Work(Apply([], first), acts), second), more);

    private static readonly Arbitrary<(IReadOnlyList<StoredEntry> Stored, RunProposal Run)> Cases =
        (from stored in Calendars from run in Runs select (stored, run)).ToArbitrary();

    [Fact]
    public void Apply_Twice_ChangesNothing() => Holds((stored, run) =>
    {
        var once = Apply(stored, run);
        var again = CalendarMerge.Merge(once, run, Nothing);
        return again.Changes.Count == 0 && again.Updates.Count == 0;
    });

    [Fact]
    public void Apply_Accepting_Twice_ChangesNothing() => Holds((stored, run) =>
    {
        var accepted = CalendarMerge.Merge(stored, run, Nothing).Conflicts
            .Select(c => new AcceptedField(c.EntryId, c.Field)).ToHashSet();
        var again = CalendarMerge.Merge(Apply(stored, run, accepted), run, accepted);
        return again.Changes.Count == 0 && again.Conflicts.Count == 0;
    });

    [Fact]
    public void Apply_WithoutAccept_LosesNoManualValue() => Holds((stored, run) =>
    {
        var after = Apply(stored, run).ToDictionary(e => e.Entry.EntryId, StringComparer.Ordinal);
        return stored.Where(e => e.IsLive).All(before => before.Entry.EditedFields.Count == 0 || (
            after[before.Entry.EntryId].IsLive
            && EntryField.All.Where(f => before.Entry.EditedFields.Contains(f.Name)).All(f =>
                f.Same(EntryContent.From(before.Entry), EntryContent.From(after[before.Entry.EntryId].Entry))
                && after[before.Entry.EntryId].Entry.EditedFields.Contains(f.Name))));
    });

    [Fact]
    public void Diff_AfterApply_ListsOnlyTheConflicts() => Holds((stored, run) =>
    {
        var before = CalendarMerge.Merge(stored, run, Nothing);
        var after = CalendarMerge.Merge(Apply(stored, run), run, Nothing);
        return after.Changes.Count == 0
            && after.Conflicts.Select(c => (c.EntryId, c.Field)).SequenceEqual(before.Conflicts.Select(c => (c.EntryId, c.Field)));
    });

    [Fact]
    public void Apply_NeverBringsBackAManualDeletion() => Holds((stored, run) =>
    {
        var deleted = stored.Where(e => e.Removal == Removal.Manual).Select(e => e.Entry.EntryId).ToHashSet(StringComparer.Ordinal);
        return Apply(stored, run).Where(e => deleted.Contains(e.Entry.EntryId)).All(e => !e.IsLive);
    });

    [Fact]
    public void Apply_LeavesPublishedEntriesAsTheyAre() => Holds((stored, run) =>
    {
        var after = Apply(stored, run);
        return stored.Where(e => e.IsPublished).All(after.Contains);
    });

    [Fact]
    public void Apply_OfAnUntouchedCalendar_IsTheRun() => Holds((_, run) =>
    {
        var first = Apply([], run);
        var after = Apply(first, run with { Entries = new Dictionary<string, EntryContent>(), Complete = false });
        return after.Count == run.Entries.Count && after.All(e => e.IsLive && e.Entry.Version == 1);
    });

    [Fact]
    public void Apply_OfAConflict_WinsOnlyWhereAccepted()
    {
        var run = RunOf(("e1", "run 1"));
        var stored = Apply([], run).Select(e => e.Edit(EntryContent.From(e.Entry) with { Text = "mine" }, "draft")).ToList();
        var next = RunOf(("e1", "run 2"));

        var conflict = Assert.Single(CalendarMerge.Merge(stored, next, Nothing).Conflicts);
        var accepted = Assert.Single(Apply(stored, next, new HashSet<AcceptedField> { new("e1", "text") }));

        Assert.Equal(("run 1", "mine", "run 2"), (conflict.Base, conflict.Mine, conflict.Theirs));
        Assert.Equal("run 2", accepted.Entry.Text);
        Assert.Empty(accepted.Entry.EditedFields);
    }

    [Fact]
    public void Apply_OfAPartialRun_RemovesNothing()
    {
        var stored = Apply([], RunOf(("e1", "a"), ("e2", "b")));

        Assert.Contains(CalendarMerge.Merge(stored, RunOf(("e1", "a")), Nothing).Changes, c => c is { Kind: "removed", EntryId: "e2" });
        Assert.Empty(CalendarMerge.Merge(stored, RunOf(("e1", "a")) with { Complete = false }, Nothing).Changes);
        Assert.Empty(CalendarMerge.Merge(stored, RunOf(("e1", "a")) with { FirstDay = new(2100, 1, 1) }, Nothing).Changes);
    }

    private static void Holds(Func<IReadOnlyList<StoredEntry>, RunProposal, bool> property) =>
        Prop.ForAll(Cases, c => property(c.Stored, c.Run)).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static RunProposal RunOf(params (string Id, string Text)[] entries) => new(
        "run-" + string.Join(',', entries), entries.ToDictionary(
            e => e.Id, e => new EntryContent(Day, "UTC", ["x"], e.Text, null, [], []), StringComparer.Ordinal),
        true, new DateOnly(2099, 12, 1), 1);

    private static IReadOnlyList<StoredEntry> Apply(
        IReadOnlyList<StoredEntry> stored, RunProposal run, IReadOnlySet<AcceptedField>? accepted = null)
    {
        var after = stored.ToDictionary(e => e.Entry.EntryId, StringComparer.Ordinal);
        foreach (var update in CalendarMerge.Merge(stored, run, accepted ?? Nothing).Updates)
            after[update.Entry.EntryId] = update;
        return [.. after.Values];
    }

    private static IReadOnlyList<StoredEntry> Work(
        IReadOnlyList<StoredEntry> stored, IEnumerable<(string Id, string Act, EntryContent Content)> acts)
    {
        var after = stored.ToDictionary(e => e.Entry.EntryId, StringComparer.Ordinal);
        foreach (var (id, act, content) in acts)
        {
            var known = after.TryGetValue(id, out var entry);
            if (!known && act == "create")
                after[id] = StoredEntry.ByHand(id, content, "draft");
            else if (known && entry!.IsLive && !entry.IsPublished)
                after[id] = act switch
                {
                    "delete" => entry with { Removal = Removal.Manual },
                    "publish" => entry.Edit(EntryContent.From(entry.Entry), "published"),
                    _ => entry.Edit(content, entry.Entry.Status),
                };
        }

        return [.. after.Values];
    }
}
