using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Rollout.Files;

/// <summary>Whose a file is; the runtime knows its mode and no more.</summary>
internal static class FileOwner
{
    // Constants and places of Linux's statx(2), which are the same on every processor.
    private const int CurrentFolder = -100;
    private const uint UserAndGroup = 0x8 | 0x10;
    private const int UserAt = 20;
    private const int GroupAt = 24;
    private const int Size = 256;
    private const uint Unchanged = uint.MaxValue;

    /// <summary>
    /// Gives a file to whom another belongs, as far as this process may: root may, others keep the group where they are in it.
    /// </summary>
    /// <returns>False when it belongs to somebody else than the other one now.</returns>
    public static bool Copy(string from, SafeFileHandle to)
    {
        var status = new byte[Size];
        if (!OperatingSystem.IsLinux() || Status(CurrentFolder, from, 0, UserAndGroup, status) != 0)
            return true;
        var (user, group) = (BitConverter.ToUInt32(status, UserAt), BitConverter.ToUInt32(status, GroupAt));
        if (Change(to, user, group) == 0)
            return true;
        _ = Change(to, Unchanged, group);
        return false;
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Status(
        int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint wanted, [Out] byte[] status);

    [DllImport("libc", EntryPoint = "fchown", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Change(SafeFileHandle file, uint user, uint group);
}
