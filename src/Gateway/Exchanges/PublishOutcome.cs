
namespace Gateway.Exchanges;

/// <summary>How a publish ended, as its asker sees it.</summary>
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
    public const string Header = "X-Publish-Outcome";

    public static readonly IReadOnlyList<PublishOutcome> All = Enum.GetValues<PublishOutcome>();

    public static string ToLabel(this PublishOutcome outcome) => outcome switch
    {
        PublishOutcome.Ok => "ok",
        PublishOutcome.Partial => "partial",
        PublishOutcome.Queued => "queued",
        PublishOutcome.Rejected => "rejected",
        PublishOutcome.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };

    /// <param name="said">What the service said in <see cref="Header"/>; else the status says it.</param>
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
