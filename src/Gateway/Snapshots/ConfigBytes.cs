using System.Globalization;
using Gateway.Configuration;
using Gateway.Rollout;
using Gateway.Routing;

namespace Gateway.Snapshots;

/// <summary>Reads what stands on the disk, whatever stands there, and says why it cannot.</summary>
internal static class ConfigBytes
{
    /// <summary>Far beyond any configuration; a file that somebody confused with one must not fill the memory.</summary>
    private const int MostBytes = 16 << 20;

    /// <returns>Null for a folder with at least one of the files.</returns>
    public static string? FindFolderFault(string path)
    {
        const string Both = $"{GatewayFile.Name} and {RolloutFile.Name}";
        if (File.Exists(path))
            return $"a folder with {Both}: this is a file" + (Path.GetDirectoryName(path) is { } parent ? $" of {parent}" : "");
        if (!Directory.Exists(path))
            return $"a folder with {Both}: there is no such folder";
        return Exists(path, GatewayFile.Name) || Exists(path, RolloutFile.Name)
            ? null : $"a folder with {Both}: {WhyNone(path)}";
    }

    /// <returns>Null when it cannot be read.</returns>
    public static byte[]? Read(string folder, string name, List<ConfigFinding> findings)
    {
        var path = Path.Combine(folder, name);
        try
        {
            // Opening a pipe would wait for a writer, and a device has no end; both are empty to who asks for their size.
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            var size = new FileInfo(target).Length;
            if (size > MostBytes)
                findings.Add(new(name, "", Show(size), $"a file of at most {Show(MostBytes)}"));
            else
                return size == 0 ? [] : File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            var (value, expected) = Describe(error, path, folder);
            findings.Add(new(name, "", value, expected));
        }

        return null;
    }

    private static (string? Value, string Expected) Describe(Exception error, string path, string folder) => error switch
    {
        _ when Directory.Exists(path) => ("a folder", "a file"),
        FileNotFoundException or DirectoryNotFoundException => new FileInfo(path).LinkTarget is { } target
            ? ($"a link to {target}", "a link that leads to a file") : (null, $"a readable file in {folder}"),
        UnauthorizedAccessException => ("unreadable", $"a file that {ProcessOwner.Describe()} may read{Mode(path)}"),
        _ => ("unreadable", $"a readable file: {error.Message}"),
    };

    private static string WhyNone(string folder)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(folder).Any() ? "neither is in it" : "it is empty";
        }
        catch (UnauthorizedAccessException)
        {
            return $"{ProcessOwner.Describe()} may not read it{Mode(folder)}";
        }
    }

    private static bool Exists(string folder, string name) =>
        Path.Combine(folder, name) is var path && (File.Exists(path) || Directory.Exists(path) || IsLink(path));

    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    private static string Mode(string path)
    {
        if (OperatingSystem.IsWindows())
            return "";
        try
        {
            return $"; its mode is {Convert.ToString((int)File.GetUnixFileMode(path), 8).PadLeft(3, '0')}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string Show(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");
}
