using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using ServiceDefaults.Files;

namespace Gateway.Rollout.Files;

internal enum ReplaceOutcome
{
    Replaced,

    /// <summary>It no longer holds what the edit was made of, or is gone.</summary>
    ChangedMeanwhile,

    /// <summary>File, folder or disk.</summary>
    ReadOnly,

    NoSpace,

    /// <summary>For another reason.</summary>
    Failed,
}

/// <param name="Detail">In words, without the path; empty when there is nothing to say.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ReplaceResult(ReplaceOutcome Outcome, string Detail = "");

/// <summary>
/// Replaces a file that people and other programs edit as well: the whole file or none of it, also through a power cut, with the mode
/// and the owner that it had, and only while it still holds what the edit was made of. A link stays one; what it leads to is replaced.
/// </summary>
internal static class DurableReplace
{
    private const UnixFileMode AnyWrite = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    // Errors of Linux: busy, as a file is that is mounted by itself; a read-only file system.
    private const int Busy = 16;
    private const int ReadOnlyDisk = 30;

    /// <summary>Far longer than any replacement takes: whoever made such a file is gone.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(10);

    /// <param name="expected">What the edit was made of.</param>
    public static ReplaceResult Replace(string path, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> content, TimeProvider clock)
    {
        string? temporary = null;
        try
        {
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
            var (folder, name) = (Path.GetDirectoryName(target)!, Path.GetFileName(target));
            if (IsReadOnly(target))
                return new(ReplaceOutcome.ReadOnly, "nobody may write it");
            RemoveStale(folder, name, clock);
            temporary = Path.Combine(folder, $".{name}.{Path.GetRandomFileName()}.tmp");
            Write(temporary, target, content);
            if (!File.ReadAllBytes(path).AsSpan().SequenceEqual(expected))
                return new(ReplaceOutcome.ChangedMeanwhile, "somebody else has changed it");
            File.Move(temporary, target, overwrite: true);
            temporary = null;
            return new(ReplaceOutcome.Replaced, KeepName(folder));
        }
        catch (Exception error) when (FileFaults.IsFault(error))
        {
            return Describe(error);
        }
        finally
        {
            if (temporary is not null)
                Remove(temporary);
        }
    }

    /// <summary>A rename asks the folder alone; who made the file read-only meant the file.</summary>
    private static bool IsReadOnly(string target)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(target) & AnyWrite) == UnixFileMode.None)
            return true;
        // Throws for whom may not write it.
        File.OpenHandle(target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
        return false;
    }

    private static void Write(string temporary, string target, ReadOnlySpan<byte> content)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        // Nobody else may read it before it has the mode of the other, whatever the process's mask is.
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(temporary, options);
        if (!OperatingSystem.IsWindows())
        {
            var mode = File.GetUnixFileMode(target);
            if (!FileOwner.Copy(target, file.SafeFileHandle) && !mode.HasFlag(UnixFileMode.OtherRead))
                throw new IOException("whom it belongs to could not read it any more: this process may not give them the new one");
            File.SetUnixFileMode(file.SafeFileHandle, mode);
        }

        RandomAccess.Write(file.SafeFileHandle, content, 0);
        RandomAccess.FlushToDisk(file.SafeFileHandle);
    }

    /// <returns>What is not quite as it should be.</returns>
    private static string KeepName(string folder)
    {
        try
        {
            DurableFile.FlushFolder(folder);
            return "";
        }
        catch (IOException error)
        {
            return $"it is in force, but may not outlast a power cut: {FileFaults.Describe(error)}";
        }
    }

    /// <summary>Those of processes that were killed.</summary>
    private static void RemoveStale(string folder, string name, TimeProvider clock)
    {
        foreach (var left in Directory.EnumerateFiles(folder, $".{name}.*.tmp"))
        {
            if (clock.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(left) > Stale)
                Remove(left);
        }
    }

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception error) when (FileFaults.IsFault(error))
        {
            // It takes room and means nothing; the next replacement tries again.
        }
    }

    private static ReplaceResult Describe(Exception error) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException => new(ReplaceOutcome.ChangedMeanwhile, "it is gone"),
        UnauthorizedAccessException or IOException { HResult: ReadOnlyDisk } => new(ReplaceOutcome.ReadOnly, FileFaults.Describe(error)),
        IOException { HResult: Busy } => new(
            ReplaceOutcome.Failed, "it is mounted by itself, so that it can be written but not replaced: mount its folder"),
        _ when FileFaults.IsFull(error) => new(ReplaceOutcome.NoSpace, FileFaults.Describe(error)),
        _ => new(ReplaceOutcome.Failed, FileFaults.Describe(error)),
    };
}
