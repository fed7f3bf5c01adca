using System.Globalization;

namespace Demo;

/// <summary>Who listens on a port, as far as Linux tells us: of another user's processes only root is told.</summary>
internal static class PortHolder
{
    private const string Listening = "0A";

    /// <returns>As in "process 4711 (python3 -m http.server 8080)".</returns>
    public static string? Find(int port)
    {
        var sockets = ((string[])["/proc/net/tcp", "/proc/net/tcp6"]).Where(File.Exists).SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(parts => parts.Length > 9 && parts[3] == Listening
                && parts[1].EndsWith(string.Create(CultureInfo.InvariantCulture, $":{port:X4}"), StringComparison.Ordinal))
            .Select(parts => $"socket:[{parts[9]}]").ToHashSet(StringComparer.Ordinal);
        if (sockets.Count == 0)
            return null;
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            if (Holds(process, sockets))
                return $"process {Path.GetFileName(process)}{CommandLine(process)}";
        }

        return null;
    }

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(Path.Combine(process, "fd"))
                .Any(file => new FileInfo(file).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return false; // Somebody else's, or gone meanwhile.
        }
    }

    private static string CommandLine(string process)
    {
        try
        {
            var words = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ').Trim();
            return words.Length == 0 ? "" : $" ({(words.Length > 100 ? words[..100] + "…" : words)})";
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
