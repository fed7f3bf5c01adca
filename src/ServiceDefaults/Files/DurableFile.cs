using System.Runtime.InteropServices;

namespace ServiceDefaults.Files;

/// <summary>Files that are there after a power cut, names included.</summary>
public static class DurableFile
{
    /// <summary>The whole file or none of it: temp → fsync → rename → fsync of the folder.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var folder = Path.GetDirectoryName(path)!;
        CreateFolder(folder);
        var temporary = path + ".tmp";
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, content, 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
        FlushFolder(folder);
    }

    public static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        Directory.CreateDirectory(folder);
        FlushFolder(Path.GetDirectoryName(folder)!);
    }

    /// <summary>Makes the names in a folder last; the runtime has no call for it.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return; // NTFS journals names by itself.
        var handle = Open(folder, 0);
        if (handle < 0)
            throw new IOException($"open {folder}: errno {Marshal.GetLastPInvokeError()}");
        try
        {
            if (Flush(handle) != 0)
                throw new IOException($"fsync {folder}: errno {Marshal.GetLastPInvokeError()}");
        }
        finally
        {
            _ = Close(handle);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Flush(int handle);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int handle);
}
