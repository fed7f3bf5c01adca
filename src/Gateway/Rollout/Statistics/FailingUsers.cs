namespace Gateway.Rollout.Statistics;

/// <summary>
/// Who fails, beside how often: a user who comes again and fails again is no new evidence, but <see cref="ControlEvidence"/>
/// cannot know that. If the hash puts a few more broken accounts into the canary than into control, that difference stays and the
/// evidence grows. So a canary is worse only if more of its users failed, too.
/// </summary>
internal static class FailingUsers
{
    /// <summary>Fewer of them move nobody.</summary>
    public const int Fewest = 3;

    /// <summary>Of the normal distribution, for 1 %. This is a condition beside the evidence and carries no level of its own.</summary>
    private const double Quantile = 2.326348;

    /// <param name="users">
    /// Different users of each arm, and those of them who failed at least once: since the step began, not since the ramp did,
    /// because in the end everybody has failed once.
    /// </param>
    public static bool AreMore(GateTick users)
    {
        var (canary, control) = users;
        if (canary.Failures < Fewest || control.Units == 0)
            return false;
        var rate = (double)(canary.Failures + control.Failures) / (canary.Units + control.Units);
        var difference = ((double)canary.Failures / canary.Units) - ((double)control.Failures / control.Units);
        return difference > 0 && difference > Quantile * Math.Sqrt(rate * (1 - rate) * ((1.0 / canary.Units) + (1.0 / control.Units)));
    }
}
