using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using ServiceDefaults.Files;

namespace Gateway.Rollout.Files;

/// <summary>Who holds a lock.</summary>
internal sealed record LockHolder(string Host, int Process, DateTimeOffset Since)
{
    public override string ToString() => FormattableString.Invariant($"process {Process} on {Host}, since {Since:u}");
}

/// <param name="Lock">Null when it was not to be had.</param>
/// <param name="IsHeld">Because somebody has it, which passes.</param>
/// <param name="Detail">Why not.</param>
internal sealed record LockAttempt(FolderLock? Lock, bool IsHeld = false, string Detail = "");

/// <summary>
/// Ours as long as this object and the process live: the system drops the lock with its owner, however that one dies. The file stays, and
/// says who has it, or who had it last.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    // Linux's error of a lock that another handle has.
    private const int WouldBlock = 11;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly string _path;
    private readonly byte[] _content;
    private readonly FileStream _file;

    private FolderLock(string path, FileStream file, LockHolder holder)
    {
        (_path, _file, _content) = (path, file, [.. JsonSerializer.SerializeToUtf8Bytes(holder, Json), (byte)'\n']);
        RandomAccess.Write(_file.SafeFileHandle, _content, 0);
        RandomAccess.SetLength(_file.SafeFileHandle, _content.Length);
        RandomAccess.FlushToDisk(_file.SafeFileHandle);
    }

    /// <summary>
    /// False when somebody took it all the same: they deleted the file, or the disk is a network's that knows no locks. Whoever holds
    /// a lock for long asks before each act.
    /// </summary>
    public bool IsOurs()
    {
        try
        {
            return Read(_path).AsSpan().SequenceEqual(_content);
        }
        catch (Exception error) when (FileFaults.IsFault(error))
        {
            return false;
        }
    }

    /// <param name="path">The lock's own file, which is made if it is not there.</param>
    public static LockAttempt TryTake(string path, TimeProvider clock)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            var taken = new FolderLock(path, file, new(Environment.MachineName, Environment.ProcessId, clock.GetUtcNow()));
            file = null;
            return new(taken);
        }
        catch (Exception error) when (FileFaults.IsFault(error))
        {
            return IsHeld(error)
                ? new(null, true, $"{FindHolder(path)?.ToString() ?? "another process"} has it")
                : new(null, false, FileFaults.Describe(error));
        }
        finally
        {
            file?.Dispose();
        }
    }

    public void Dispose() => _file.Dispose();

    private static bool IsHeld(Exception error) => error is IOException { HResult: WouldBlock };

    private static LockHolder? FindHolder(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<LockHolder>(Read(path), Json);
        }
        catch (Exception error) when (FileFaults.IsFault(error) || error is JsonException)
        {
            return null;
        }
    }

    /// <summary>The runtime asks for a lock wherever it opens a file, which is not to be had here.</summary>
    private static byte[] Read(string path)
    {
        using var file = new SafeFileHandle(Open(path, 0), ownsHandle: true);
        if (file.IsInvalid)
            return [];
        var content = new byte[RandomAccess.GetLength(file)];
        return content[..RandomAccess.Read(file, content, 0)];
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
