using System.Globalization;

namespace Demo;

/// <summary>
/// <c>dotnet run</c>, which starts this process and waits for it. It passes on what it is told by signals, but not that it was killed.
/// </summary>
internal static class Launcher
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    /// <summary>Looks after it until this is disposed; null where there is none.</summary>
    public static IDisposable? Watch(Action gone)
    {
        if (ReadParent() is not { } parent || ReadName(parent) != "dotnet")
            return null;
        return TimeProvider.System.CreateTimer(
            _ =>
            {
                if (ReadParent() != parent)
                    gone();
            },
            null, Look, Look);
    }

    private static int? ReadParent()
    {
        try
        {
            // pid (name) state ppid …, and a name may have anything in it.
            var stat = File.ReadAllText("/proc/self/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 1)..].Split(' ')[2], CultureInfo.InvariantCulture);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? ReadName(int process)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/comm")).Trim();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
