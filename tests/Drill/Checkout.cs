namespace Drill;

/// <summary>Where things are in the checkout that the drill was built from.</summary>
internal static class Checkout
{
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of a built program, in the configuration of the drill.</summary>
    public static string Program(string project)
    {
        // tests/Drill/bin/Release/net10.0 and <project>/bin/Release/net10.0 end alike.
        var output = Path.GetRelativePath(Path.Combine(Root, "tests", "Drill"), AppContext.BaseDirectory);
        return Path.Combine(Root, project, output);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
                return folder.FullName;
        }

        throw new DrillException("The drill runs from its checkout: no Gateway.sln above " + AppContext.BaseDirectory);
    }
}
