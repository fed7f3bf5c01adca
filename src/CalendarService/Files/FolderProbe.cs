using ServiceDefaults.Files;

namespace CalendarService.Files;

/// <summary>Why a folder cannot be used.</summary>
/// <param name="IsFull">There is no room, which passes without anybody changing a setting.</param>
internal sealed record FolderFault(string Folder, string Reason, bool IsFull);

/// <summary>
/// Does in a folder what the spool and the embedded database will: makes it if it is not there, creates a file, writes and syncs it, and
/// makes its name last. Asking for permissions instead would not find a full disk, a read-only one or one that cannot sync.
/// </summary>
internal static class FolderProbe
{
    private const string FileThere = "a file is in its place";

    /// <summary>Of a disk that answers at all.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static FolderFault? FindFault(string folder)
    {
        // A disk that hangs, as a network's may, keeps its thread; nobody waits for it.
        var look = Task.Run(() => Look(folder));
        return look.Wait(Patience) ? look.Result : new(folder, $"no answer within {Patience.TotalSeconds} s", IsFull: false);
    }

    private static FolderFault? Look(string folder)
    {
        try
        {
            if (File.Exists(folder))
                return new(folder, FileThere, IsFull: false);
            DurableFile.CreateFolder(folder);
            WriteFile(Path.Combine(folder, $".probe-{Environment.ProcessId}"));
            DurableFile.FlushFolder(folder);
            return null;
        }
        catch (Exception error) when (FileFaults.IsFault(error))
        {
            return new(folder, File.Exists(folder) ? FileThere : FileFaults.Describe(error), FileFaults.IsFull(error));
        }
    }

    // Processes of two containers may have the same id and share the folder: each may find the other's file, and delete it.
    private static void WriteFile(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.Write(file, new byte[4096], 0);
            RandomAccess.FlushToDisk(file);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
