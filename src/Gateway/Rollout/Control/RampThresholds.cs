using Gateway.Rollout.Statistics;

namespace Gateway.Rollout.Control;

/// <summary>How much has to be seen before anything is said, whatever the evidence; how sure is sure enough says <see cref="LogEvidence"/>.
/// </summary>
internal static class RampThresholds
{
    public const int FewestUsers = 20;

    public const int FewestUnits = 200;

    /// <summary>One broken account is no regression.</summary>
    public const int FewestFailingUsers = 3;
}
