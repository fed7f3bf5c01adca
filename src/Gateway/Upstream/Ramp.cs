using Gateway.Exchanges;
using Gateway.Rollout;

namespace Gateway.Upstream;

/// <summary>
/// Gives a backend that came back its users over <c>Upstream:Ramp</c> instead of all at once: whoever just restarted has cold caches
/// and an empty pool. It begins when the backend is back, whether or not anybody asks.
/// </summary>
internal static class Ramp
{
    private const string BucketName = "ramp";

    /// <summary>It is not yet this caller's turn. The same user is early or late each time, so nobody flaps between two backends.</summary>
    /// <param name="share">How much of the ramp is over, from 0; over 1, everybody is let in.</param>
    public static bool HoldsBack(Caller caller, double share) =>
        share < 1 && (caller.UserId is { } user ? Cohort.Bucket(BucketName, user) : Random.Shared.NextDouble() * 100) >= share * 100;
}
