using System.Runtime.InteropServices;

namespace ServiceDefaults.Files;

/// <summary>Why a file cannot be written, as the runtime says it, in words and in kinds.</summary>
public static class FileFaults
{
    // Errors of Linux: no space left, quota exceeded.
    private const int NoSpace = 28;
    private const int NoQuota = 122;

    /// <summary>What a call on a file may throw that is the disk's fault and not the program's.</summary>
    public static bool IsFault(Exception error) =>
        error is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;

    /// <summary>There is no room, which passes without anybody changing a setting.</summary>
    public static bool IsFull(Exception error) =>
        error is IOException { HResult: NoSpace or NoQuota } or ArgumentOutOfRangeException;

    /// <summary>Without the path.</summary>
    public static string Describe(Exception error) => error switch
    {
        UnauthorizedAccessException => "permission denied",
        DirectoryNotFoundException => "it cannot be made there",
        ArgumentOutOfRangeException => "no file may grow so large", // The process's limit; the runtime has no better word for it.
        IOException { HResult: > 0 and < 4096 } => Marshal.GetPInvokeErrorMessage(error.HResult).ToLowerInvariant(),
        _ => error.Message,
    };
}
