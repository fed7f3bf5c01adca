namespace Gateway.Rollout.Arms;

/// <summary>What a gateway has counted (<c>/evidence</c>): sums since its epochs began, so that who misses a tick loses nothing.</summary>
/// <param name="Revision">Of the configuration in force.</param>
/// <param name="TickSeconds">How long a tick is in which a user counts once.</param>
internal sealed record EvidencePage(string Revision, double TickSeconds, IReadOnlyDictionary<string, CohortEvidence> Cohorts);

/// <param name="Epoch">Sums of another epoch begin at zero: the gateway was started anew, or the cohort's gates are others.</param>
/// <param name="Percentage">In force on this gateway.</param>
/// <param name="FlagsOn">Flags of this cohort whose two keys are on there.</param>
internal sealed record CohortEvidence(string Epoch, double Percentage, IReadOnlyList<string> FlagsOn, ArmFigures Figures);
