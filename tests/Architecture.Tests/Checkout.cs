using System.Diagnostics;

namespace ArchitectureTests;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Checkout
{
    public static string Root { get; } = FindRoot();

    /// <summary>The files that git knows or would add, relative to the root.</summary>
    public static IReadOnlyList<string> ListFiles(params string[] patterns)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = Root, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in (string[])["ls-files", "--cached", "--others", "--exclude-standard", "--", .. patterns])
            start.ArgumentList.Add(argument);
        using var git = Process.Start(start)!;
        var files = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return [.. files.Where(f => File.Exists(Path.Combine(Root, f))).Distinct(StringComparer.Ordinal)];
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("no Gateway.sln above " + AppContext.BaseDirectory);
    }
}
