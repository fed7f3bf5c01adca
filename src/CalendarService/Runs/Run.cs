namespace CalendarService.Runs;

/// <summary>How a run ended, or that it has not.</summary>
internal enum RunStatus
{
    Running,
    Complete,
    Timeout,
    Error,
    Cancelled,
}

/// <summary>What was asked of a run.</summary>
internal sealed record GenerateCommand(
    string? CalendarId, string Brief, DateOnly StartDate, int Days, int PostsPerDay, IReadOnlyList<string> Channels, string Timezone);

/// <param name="Fills">Its entries are the calendar's first version; otherwise they wait for apply.</param>
/// <param name="Partial">It ended, or is still, without everything that was asked for.</param>
internal sealed record Run(
    string RunId, string UserId, string CalendarId, GenerateCommand Command, bool Fills, RunStatus Status, bool Partial,
    string? Message, int Entries, string RequestId, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt);

/// <summary>One frame of a run's stream, as it was sent.</summary>
/// <param name="Data">The JSON of the frame.</param>
internal sealed record RunEvent(long Seq, string Type, string Data)
{
    public bool IsLast => Type == "done";

    public bool IsEntry => Type == "entry";
}

/// <summary>A status as the stream, the table, the log and the metric write it.</summary>
internal static class RunStatusLabels
{
    public static string ToLabel(this RunStatus status) => status switch
    {
        RunStatus.Running => "running",
        RunStatus.Complete => "complete",
        RunStatus.Timeout => "timeout",
        RunStatus.Cancelled => "cancelled",
        _ => "error",
    };

    public static RunStatus Parse(string label) => label switch
    {
        "running" => RunStatus.Running,
        "complete" => RunStatus.Complete,
        "timeout" => RunStatus.Timeout,
        "cancelled" => RunStatus.Cancelled,
        _ => RunStatus.Error,
    };
}
