namespace Gateway.Telemetry;

/// <summary>How a publish ended, as its asker sees it: log line and metric say the same word.</summary>
internal enum PublishOutcome
{
    Ok,
    Partial,
    Queued,
    Rejected,
    Failed,
}

internal static class PublishOutcomes
{
    public static readonly IReadOnlyList<PublishOutcome> All = Enum.GetValues<PublishOutcome>();

    public static string Label(this PublishOutcome outcome) => outcome switch
    {
        PublishOutcome.Ok => "ok",
        PublishOutcome.Partial => "partial",
        PublishOutcome.Queued => "queued",
        PublishOutcome.Rejected => "rejected",
        PublishOutcome.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };

    /// <summary>What the service said in <c>X-Publish-Outcome</c>, else what the status says.</summary>
    public static PublishOutcome Read(string? said, int status) => said switch
    {
        "ok" => PublishOutcome.Ok,
        "partial" => PublishOutcome.Partial,
        "queued" => PublishOutcome.Queued,
        "rejected" => PublishOutcome.Rejected,
        "failed" => PublishOutcome.Failed,
        _ => status switch
        {
            202 => PublishOutcome.Queued,
            207 => PublishOutcome.Partial,
            < 400 => PublishOutcome.Ok,
            < 500 => PublishOutcome.Rejected,
            _ => PublishOutcome.Failed,
        },
    };
}
