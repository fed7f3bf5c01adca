namespace Gateway.Exchanges;

/// <summary>One link of a chain: a cluster, or the gateway's own dry-run.</summary>
internal sealed record Backend(string Id)
{
    public const string DryRunId = "dry-run";

    /// <summary>Who answers when the gateway itself refuses.</summary>
    public const string GatewayId = "gateway";

    public bool IsDryRun { get; } = Id == DryRunId;
}
