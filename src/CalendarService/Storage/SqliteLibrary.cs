using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace CalendarService.Storage;

/// <summary>
/// The operating system's SQLite instead of one from a package: it gets security updates with the system.
/// </summary>
internal static class SqliteLibrary
{
    private static readonly string[] Candidates =
        OperatingSystem.IsWindows() ? ["winsqlite3", "sqlite3"]
        : OperatingSystem.IsMacOS() ? ["libsqlite3.dylib"]
        : ["libsqlite3.so.0", "libsqlite3.so"];

    private static readonly Lazy<bool> Loaded = new(() =>
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        return true;
    });

    /// <exception cref="DllNotFoundException">Names the package to install.</exception>
    public static void Load() => _ = Loaded.Value;

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != "e_sqlite3")
            return 0;
        foreach (var candidate in Candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out var library))
                return library;
        }

        throw new DllNotFoundException(
            $"the embedded store needs the system's SQLite ({string.Join(" or ", Candidates)}); on Debian and Ubuntu: "
            + "apt-get install libsqlite3-0. Or set ConnectionStrings__Calendar to a Postgres database");
    }
}
