namespace CalendarService.Files;

/// <summary>Where this node keeps files: <c>CALENDAR_DATA_DIR</c>.</summary>
internal sealed record DataFolder(string Path)
{
    public const string Key = "CALENDAR_DATA_DIR";

    /// <summary>Publishes that were accepted and wait for the database.</summary>
    public string Spool => System.IO.Path.Combine(Path, "spool");

    /// <summary>The embedded database, unless another one is named.</summary>
    public string DatabaseFile => System.IO.Path.Combine(Path, "calendar.db");

    public static DataFolder From(IConfiguration settings) =>
        new(System.IO.Path.GetFullPath(settings[Key] is { Length: > 0 } given ? given : "data"));

    /// <summary>The first of its folders that cannot be used; null when all can.</summary>
    public FolderFault? FindFault() => FolderProbe.FindFault(Path) ?? FolderProbe.FindFault(Spool);
}
