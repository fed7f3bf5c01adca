namespace CompareBench.Candidates;

/// <summary>A proxy that is compared. Each has a file here that says how it is set up for the job.</summary>
internal abstract class Candidate(string name)
{
    public string Name { get; } = name;

    /// <summary>Splits users, hands on request ids and writes an access log in JSON. Bare YARP only forwards.</summary>
    public virtual bool DoesTheJob => true;

    /// <summary>Writes its configuration into the place.</summary>
    public abstract Launch Prepare(Job job, Place place);
}

/// <summary>Where a candidate runs.</summary>
internal sealed record Place(string Directory, int Port, int AdminPort)
{
    public string Output => File("output");

    public string File(string name) => Path.Combine(Directory, name);

    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }
}

/// <summary>How a candidate is started.</summary>
internal sealed record Launch(IReadOnlyList<string> Command)
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where its access log goes; its standard output without.</summary>
    public string? AccessLog { get; init; }
}

/// <summary>What a case asks of every candidate.</summary>
internal sealed record Job(Uri Calendar, Uri Legacy)
{
    /// <summary>Of users, whom the calendar backend serves.</summary>
    public int Percentage { get; init; } = 50;

    /// <summary>A line in JSON for each request.</summary>
    public bool Logs { get; init; } = true;

    /// <summary>In front, in clear, by prior knowledge.</summary>
    public bool Http2 { get; init; }

    /// <summary>Routes <c>/area0/…</c>, <c>/area1/…</c> beside those that ship, with the flag and the fallback of the calendar's.</summary>
    public int Areas { get; init; }

    /// <summary>Users who are in the cohort by name.</summary>
    public int Names { get; init; }

    /// <summary>How often its configuration is saved before it is measured.</summary>
    public int Reloads { get; init; }

    /// <summary>Event streams that are open at once.</summary>
    public int Streams { get; init; }

    /// <summary>Nobody listens where the calendar backend was: everything falls back.</summary>
    public Job WithDeadCalendar(Uri dead) => this with { Calendar = dead, Percentage = 100, CalendarIsDead = true };

    public bool CalendarIsDead { get; private init; }
}
