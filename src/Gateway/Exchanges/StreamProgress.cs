
namespace Gateway.Exchanges;

/// <summary>How a stream ended, counted once (docs/contract.md section 7).</summary>
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

/// <summary>What the account of a request wants to know of the stream that answers it.</summary>
internal sealed class StreamProgress
{
    /// <summary>When the first event passed, by the clock's timestamp.</summary>
    public long? FirstEventAt { get; private set; }

    /// <summary>Set by the terminal event, or by whoever saw the stream end without one.</summary>
    public StreamOutcome? Outcome { get; private set; }

    public void SawEvent(long timestamp) => FirstEventAt ??= timestamp;

    /// <summary>The first to say how the stream ended is right.</summary>
    public void End(StreamOutcome outcome) => Outcome ??= outcome;
}

internal static class StreamOutcomes
{
    public static readonly IReadOnlyList<StreamOutcome> All = Enum.GetValues<StreamOutcome>();

    public static string ToLabel(this StreamOutcome outcome) => outcome switch
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
