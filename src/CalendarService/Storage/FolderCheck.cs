using CalendarService.Files;

namespace CalendarService.Storage;

/// <summary>
/// Refuses a start whose folders cannot be used: a spool that keeps nothing is noticed only when the database is away. A full disk is
/// another matter while the database is elsewhere: the service is of use, and the room may come back.
/// </summary>
internal static class FolderCheck
{
    public static IEnumerable<string> FindFaults(IConfiguration settings)
    {
        var data = DataFolder.From(settings);
        var database = StoreAddress.TryParse(settings.GetConnectionString("Calendar"), data.DatabaseFile, out var address, out _)
            && address.Kind == StoreKind.Sqlite ? Path.GetDirectoryName(address.ConnectionString)! : null;
        if (data.FindFault() is { } fault && (!fault.IsFull || database == data.Path))
            yield return Describe(DataFolder.Key, fault.Folder, fault);
        if (database is not null && database != data.Path && FolderProbe.FindFault(database) is { } other)
            yield return Describe("ConnectionStrings:Calendar", "(hidden)", other); // No part of an address is shown.
    }

    private static string Describe(string key, string value, FolderFault fault) =>
        $"{key}: \"{value}\", expected a folder in which files can be created, written and synced: {fault.Reason}";
}
