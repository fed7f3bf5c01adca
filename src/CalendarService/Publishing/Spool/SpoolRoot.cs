namespace CalendarService.Publishing.Spool;

/// <summary>The spool's folder: one folder per process that ever queued something, and what was put aside.</summary>
internal sealed record SpoolRoot(string Path)
{
    public string Damaged => System.IO.Path.Combine(Path, "damaged");

    public string Poison => System.IO.Path.Combine(Path, "poison");

    public string FolderOf(string instance) => System.IO.Path.Combine(Path, instance);

    /// <summary>Folders of processes, dead and alive, the oldest first: their names are version 7 UUIDs.</summary>
    public IReadOnlyList<string> Instances() => !Directory.Exists(Path) ? [] :
    [
        .. Directory.EnumerateDirectories(Path)
            .Where(folder => Guid.TryParseExact(System.IO.Path.GetFileName(folder), "N", out _)).Order(StringComparer.Ordinal),
    ];
}
