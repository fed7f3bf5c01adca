namespace CalendarService.Generation;

/// <summary>Keys under <c>Generation</c>.</summary>
internal sealed class GenerationOptions
{
    /// <summary>Silence of the writer before its first post. One that shows that it is at work, even by a thought, is not silent.</summary>
    public TimeSpan FirstItemTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Silence of the writer from then on.</summary>
    public TimeSpan ItemTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>For the whole run.</summary>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A run that nobody listens to for so long is cancelled: the writer costs money.</summary>
    public TimeSpan AbandonAfter { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>A run whose process did not report for so long is dead.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Runs at the same time in this process.</summary>
    public int MaxConcurrentRuns { get; set; } = 1_000;

    /// <summary>
    /// Runs in memory that the database, which is away, does not have yet; beyond, none is begun. 0 begins none without it.
    /// </summary>
    public int MaxUnsavedRuns { get; set; } = 100;

    /// <summary>How long a process that is told to stop waits for the database to take its unsaved runs.</summary>
    public TimeSpan StopPatience { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>Keys under <c>Stream</c>.</summary>
internal sealed class StreamOptions
{
    /// <summary>Silence after which a comment line shows that the stream lives.</summary>
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a run of another process is looked at for more.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(250);
}
