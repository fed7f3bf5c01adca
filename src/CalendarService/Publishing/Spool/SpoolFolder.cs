using System.Globalization;
using ServiceDefaults.Files;

namespace CalendarService.Publishing.Spool;

/// <summary>
/// The folder of one process, ours as long as this object lives: the system drops the lock with its owner, however that
/// one dies.
/// </summary>
internal sealed class SpoolFolder : IDisposable
{
    private const string LockName = "lock";
    private const string Extension = ".seg";

    private readonly FileStream _lock;
    private int _lastNumber;

    private SpoolFolder(string path, FileStream @lock) => (Path, _lock) = (path, @lock);

    public string Path { get; }

    public string Name => System.IO.Path.GetFileName(Path);

    /// <exception cref="IOException">The disk does not let us.</exception>
    public static SpoolFolder CreateNew(SpoolRoot root)
    {
        DurableFile.CreateFolder(root.Path);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var path = root.FolderOf(Guid.CreateVersion7().ToString("N"));
            DurableFile.CreateFolder(path);
            // Between these two lines it looks like a dead one's: whoever takes it for that removes it.
            if (TryTake(path) is { } folder)
                return folder;
        }

        throw new IOException($"no lock can be had in {root.Path}");
    }

    /// <returns>Null when its owner lives, or somebody else was faster.</returns>
    public static SpoolFolder? TryTake(string path)
    {
        try
        {
            return new(path, new FileStream(
                System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Files of records, in the order they were written.</summary>
    public IReadOnlyList<string> Segments() => !Directory.Exists(Path)
        ? []
        : [.. Directory.EnumerateFiles(Path, "*" + Extension).Order(StringComparer.Ordinal)];

    public string NextSegment() => System.IO.Path.Combine(
        Path, (++_lastNumber).ToString("D8", CultureInfo.InvariantCulture) + Extension);

    /// <summary>Removes it if nothing waits in it, and gives it up.</summary>
    public void Leave()
    {
        if (Segments().Count == 0 && Directory.Exists(Path))
        {
            File.Delete(System.IO.Path.Combine(Path, LockName));
            try
            {
                Directory.Delete(Path);
            }
            catch (IOException)
            {
                // Somebody found it ownerless a moment ago and holds it now; they remove it.
            }
        }

        Dispose();
    }

    public void Dispose() => _lock.Dispose();
}
