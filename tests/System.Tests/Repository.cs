namespace SystemTests;

/// <summary>Where things are in the checkout that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The built program of <paramref name="project"/>, in the configuration of these tests.</summary>
    public static string Program(string project, string assembly)
    {
        // tests/System.Tests/bin/Release/net10.0 and <project>/bin/Release/net10.0 end alike.
        var output = Path.GetRelativePath(Path.Combine(Root, "tests", "System.Tests"), AppContext.BaseDirectory);
        return Path.Combine(Root, project, output, assembly + ".dll");
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
