using CompareBench.Candidates;
using CompareBench.Running;

namespace CompareBench.Cases;

/// <summary>What every case has: the candidates, an origin that runs, and how long to measure.</summary>
internal sealed class Bench(CompareOptions options, IReadOnlyList<Candidate> candidates, string directory, TextWriter progress)
{
    public CompareOptions Options => options;

    public IReadOnlyList<Candidate> Candidates => candidates;

    /// <summary>For files of the run; goes with it.</summary>
    public string Directory => directory;

    public Turns Turns { get; } = new(options.Pace, progress);

    public TextWriter Progress => progress;

    /// <summary>The whole job before a backend that is well.</summary>
    public static Job Job => new(Origin.Calendar, Origin.Legacy);

    public Task<LineUp> StartAsync(Job job) => StartAsync(candidates.Select(c => (c.Name, c, job)));

    public Task<LineUp> StartAsync(IEnumerable<(string Name, Candidate Candidate, Job Job)> entries) =>
        LineUp.StartAsync(directory, entries);
}
