namespace CalendarService.Publishing.Spool;

internal static class SpoolFiles
{
    /// <summary>Removes the files of which everything is replayed. One that stays is replayed again, which changes nothing.</summary>
    public static void DeleteDone(SpoolIndex index)
    {
        foreach (var segment in index.TakeDone())
            File.Delete(segment.Path);
    }
}
