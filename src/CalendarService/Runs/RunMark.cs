namespace CalendarService.Runs;

/// <summary>Whose entries a run made, and whether they are all that was asked for.</summary>
internal sealed class RunMark
{
    public required string RunId { get; init; }

    public required string CalendarId { get; init; }

    /// <summary>It ended early or without all that was asked for, or still runs.</summary>
    public bool Partial { get; init; }
}
