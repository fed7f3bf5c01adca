using CompareBench.Candidates;

namespace CompareBench.Running;

/// <summary>A candidate that runs.</summary>
internal sealed record Contender(string Name, Candidate Candidate, Job Job, Place Place, Launch Launch, Server Server)
{
    public Uri Address { get; } = new($"http://127.0.0.1:{Place.Port}");

    private string LogPath => Launch.AccessLog ?? Place.Output;

    /// <summary>A round of a fast candidate writes a gigabyte in the end.</summary>
    public void ForgetLog()
    {
        using var log = new FileStream(LogPath, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        log.SetLength(0);
    }

    /// <returns>How its output begins, to say why it failed.</returns>
    public string ReadOutput() => string.Join(
        '\n',
        new[] { Place.Output, Place.File("error.log") }.Where(File.Exists).SelectMany(static file => File.ReadLines(file).Take(5))
            .Select(static line => line.Length > 300 ? line[..300] + "…" : line));

    /// <returns>The last whole line of the access log; empty without one.</returns>
    public string ReadLastLogLine()
    {
        if (!File.Exists(LogPath))
            return "";
        using var log = new FileStream(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        log.Seek(Math.Max(0, log.Length - 8192), SeekOrigin.Begin);
        using var reader = new StreamReader(log);
        var lines = reader.ReadToEnd().Split('\n');
        return lines.Length < 2 ? "" : lines[^2];
    }
}

/// <summary>Candidates that run at the same time, to be measured in turns.</summary>
internal sealed class LineUp : IAsyncDisposable
{
    private const int FirstPort = 19100;

    private readonly List<Contender> _contenders = [];
    private readonly string _directory;

    private LineUp(string directory) => _directory = directory;

    public IReadOnlyList<Contender> Contenders => _contenders;

    /// <summary>Starts all, and checks that each does its job before anything is measured.</summary>
    public static async Task<LineUp> StartAsync(string directory, IEnumerable<(string Name, Candidate Candidate, Job Job)> entries)
    {
        var lineUp = new LineUp(directory);
        try
        {
            foreach (var (name, candidate, job) in entries)
                lineUp.Add(name, candidate, job);
            foreach (var contender in lineUp.Contenders)
                await JobCheck.RunAsync(contender);
            return lineUp;
        }
        catch
        {
            await lineUp.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var contender in _contenders)
            await contender.Server.DisposeAsync();
        foreach (var contender in _contenders)
            Directory.Delete(contender.Place.Directory, recursive: true);
    }

    private void Add(string name, Candidate candidate, Job job)
    {
        var port = FirstPort + 2 * _contenders.Count;
        var place = new Place(Path.Combine(_directory, $"candidate-{_contenders.Count}"), port, port + 1);
        Directory.CreateDirectory(place.Directory);
        var launch = candidate.Prepare(job, place);
        var server = Server.Start(launch.Command, launch.Environment, place.Output);
        _contenders.Add(new(name, candidate, job, place, launch, server));
    }
}
