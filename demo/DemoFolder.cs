using System.Globalization;

namespace Demo;

/// <summary>
/// The demo's own configuration, data and logs: trying things leaves the checkout clean. It is held by a lock, so that a second demo
/// never takes away what a first one works on.
/// </summary>
internal sealed class DemoFolder : IDisposable
{
    private const string PidName = "demo.pid";
    private const int IsLocked = 11; // EWOULDBLOCK of flock(2).

    private readonly FileStream _lock;

    private DemoFolder(string root, FileStream held) => (Root, _lock) = (root, held);

    public string Root { get; }

    public string Config => Path.Combine(Root, "config");

    public string Data => Path.Combine(Root, "data");

    public string RolloutFile => Path.Combine(Config, "rollout.json");

    /// <summary>The demo's own process, for whoever wants to tell it something.</summary>
    public string DemoPid => Path.Combine(Root, PidName);

    public string ServicePid => Path.Combine(Root, "calendar.pid");

    public string Log(string name) => Path.Combine(Root, name.ToLowerInvariant() + ".log");

    /// <exception cref="DemoException">Another demo of this checkout runs, or nothing can be written here.</exception>
    public static DemoFolder Lock()
    {
        var artifacts = Path.Combine(Repository(), "artifacts");
        var root = Path.Combine(artifacts, "demo");
        try
        {
            Directory.CreateDirectory(artifacts);
            // The kernel gives it back however this process ends.
            var held = new FileStream(root + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            return new(root, held);
        }
        catch (IOException held) when (held.HResult == IsLocked)
        {
            throw new DemoException(
                $"Another demo of this checkout is running{ReadHolder(Path.Combine(root, PidName))}; stop it with Ctrl-C in its terminal.");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(artifacts, refused);
        }
    }

    /// <summary>Fresh at every start, so that the tour always tells the same story.</summary>
    /// <exception cref="DemoException">The folder cannot be written.</exception>
    public void Fill()
    {
        try
        {
            if (Directory.Exists(Root))
                Directory.Delete(Root, recursive: true);
            Directory.CreateDirectory(Config);
            Directory.CreateDirectory(Data);
            foreach (var file in (string[])["gateway.json", "rollout.json"])
                File.Copy(Path.Combine(AppContext.BaseDirectory, file), Path.Combine(Config, file));
            Write(DemoPid, Environment.ProcessId);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(Root, refused);
        }
    }

    /// <exception cref="DemoException">The folder cannot be written.</exception>
    public void WriteServicePid(int process)
    {
        try
        {
            Write(ServicePid, process);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(Root, refused);
        }
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>The folder above <c>demo/bin/…</c>, where the solution is.</summary>
    public static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
                return folder.FullName;
        }

        throw new DemoException($"The demo runs from its checkout, and there is no Gateway.sln above {AppContext.BaseDirectory}.");
    }

    private static void Write(string path, int process) => File.WriteAllText(path, process.ToString(CultureInfo.InvariantCulture));

    private static string ReadHolder(string path)
    {
        try
        {
            return $" as process {File.ReadAllText(path)}";
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return ""; // It has only just begun.
        }
    }

    private static DemoException CannotWrite(string folder, Exception refused) =>
        new($"The demo keeps its files in {folder} and cannot write there: {refused.Message}");
}
