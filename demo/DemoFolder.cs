namespace Demo;

/// <summary>The demo's own copy of the configuration, its data and its logs: trying things leaves the checkout clean.</summary>
internal sealed record DemoFolder(string Root)
{
    public string Config => Path.Combine(Root, "config");

    public string Data => Path.Combine(Root, "data");

    /// <summary>Shown to the user: relative where that is shorter.</summary>
    public string RolloutFile => Shorten(Path.Combine(Config, "rollout.json"));

    public string Log(string name) => Path.Combine(Root, name.ToLowerInvariant() + ".log");

    public static string Shorten(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.Length < path.Length ? relative : path;
    }

    /// <summary>Fresh at every start, so that the tour always tells the same story.</summary>
    public static DemoFolder Create()
    {
        var folder = new DemoFolder(Path.Combine(Repository(), "artifacts", "demo"));
        if (Directory.Exists(folder.Root))
            Directory.Delete(folder.Root, recursive: true);
        Directory.CreateDirectory(folder.Config);
        Directory.CreateDirectory(folder.Data);
        foreach (var file in (string[])["gateway.json", "rollout.json"])
            File.Copy(Path.Combine(AppContext.BaseDirectory, file), Path.Combine(folder.Config, file));
        return folder;
    }

    /// <summary>The folder above <c>demo/bin/…</c>, where the solution is.</summary>
    public static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("The demo runs from its checkout: no Gateway.sln above " + AppContext.BaseDirectory);
    }
}
