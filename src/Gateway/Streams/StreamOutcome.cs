namespace Gateway.Streams;

/// <summary>How a stream ended, counted once (contract section 7): log line and metric say the same word.</summary>
internal enum StreamOutcome
{
    Completed,
    Timeout,
    Error,
    Truncated,
    Idle,
    Cancelled,
    ClientAborted,
}

internal static class StreamOutcomes
{
    public static readonly IReadOnlyList<StreamOutcome> All = Enum.GetValues<StreamOutcome>();

    public static string Label(this StreamOutcome outcome) => outcome switch
    {
        StreamOutcome.Completed => "completed",
        StreamOutcome.Timeout => "timeout",
        StreamOutcome.Error => "error",
        StreamOutcome.Truncated => "truncated",
        StreamOutcome.Idle => "idle",
        StreamOutcome.Cancelled => "cancelled",
        StreamOutcome.ClientAborted => "client_aborted",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };
}
