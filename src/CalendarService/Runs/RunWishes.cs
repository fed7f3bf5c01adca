namespace CalendarService.Runs;

/// <summary>What other processes left for the one that has the run.</summary>
internal sealed class RunWishes
{
    public bool Cancel { get; init; }

    /// <summary>When a listener at another process was last seen.</summary>
    public DateTimeOffset ListenedAt { get; init; }
}
