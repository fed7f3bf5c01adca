using ServiceDefaults.Wire;

namespace CalendarService.Calendars;

internal enum Removal
{
    None,

    /// <summary>A person deleted it: no run brings it back.</summary>
    Manual,

    /// <summary>A run no longer has it: another run may bring it back.</summary>
    Run,
}

/// <summary>An entry as the store keeps it. A removed one stays as a row.</summary>
/// <param name="Generated">The merge base: by field, what the last applied run generated. Null when a person made the entry.</param>
/// <param name="RunId">The run that last wrote it.</param>
internal sealed record StoredEntry(Entry Entry, EntryContent? Generated, string? RunId, Removal Removal)
{
    public const string Draft = "draft";
    public const string Published = "published";

    public static readonly IReadOnlyList<string> Statuses = [Draft, "scheduled", Published, "failed"];

    public bool IsLive => Removal == Removal.None;

    public bool IsPublished => IsLive && Entry.Status == Published;

    /// <summary>This entry with what a person changed; the same instance when nothing differs.</summary>
    public StoredEntry Edit(EntryContent content, string status)
    {
        var mine = EntryContent.From(Entry);
        List<string> changed = [.. EntryField.All.Where(f => !f.Same(mine, content)).Select(f => f.Name)];
        if (status != Entry.Status)
            changed.Add("status");
        if (changed.Count == 0 && IsLive)
            return this;
        return this with
        {
            Removal = Removal.None,
            Entry = content.ApplyTo(Entry) with
            {
                Status = status,
                // What comes back by hand is the person's as a whole.
                EditedFields = Order(IsLive ? Entry.EditedFields.Concat(changed) : EntryField.Names.Concat(changed)),
                Version = Entry.Version + 1,
            },
        };
    }

    /// <summary>Whether the next merge starts from the same place.</summary>
    public bool HasSameBasis(StoredEntry other) =>
        RunId == other.RunId
        && (Generated, other.Generated) switch
        {
            (null, null) => true,
            ({ } a, { } b) => EntryField.All.All(field => field.Same(a, b)),
            _ => false,
        };

    /// <summary>An entry that no run made.</summary>
    public static StoredEntry ByHand(string entryId, EntryContent content, string status) => new(
        content.ApplyTo(new Entry(entryId, default, "", [], status, "", null, [], [], EntryField.Names, 1)), null, null, Removal.None);

    public static StoredEntry ByRun(string entryId, EntryContent content, string runId, int version = 1) => new(
        content.ApplyTo(new Entry(entryId, default, "", [], Draft, "", null, [], [], [], version)), content, runId, Removal.None);

    public static IReadOnlyList<string> Order(IEnumerable<string> fields) => [.. fields.Distinct().Order(StringComparer.Ordinal)];
}
