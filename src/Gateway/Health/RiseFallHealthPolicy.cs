using System.Runtime.CompilerServices;
using ServiceDefaults.Logging;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Gateway.Health;

/// <summary>
/// Active health as HAProxy counts it: a destination falls after <c>Health.Fall</c> failed probes in a row and rises after
/// <c>Health.Rise</c> good ones; in between it keeps its state. YARP's own ConsecutiveFailures policy has neither a number
/// of good probes that a destination needs to rise nor the statuses that a probe expects.
/// </summary>
internal sealed partial class RiseFallHealthPolicy(
    IDestinationHealthUpdater health, TimeProvider clock, ILogger<RiseFallHealthPolicy> logger) : IActiveHealthCheckPolicy
{
    public const string PolicyName = "RiseFall";

    // Weak, because a reload replaces destinations and nobody tells the policy.
    private readonly ConditionalWeakTable<DestinationState, Track> _tracks = [];

    public string Name => PolicyName;

    /// <summary>When it became healthy after having been unhealthy, by the clock's timestamp; null when it never was.</summary>
    public long? RecoveredAt(DestinationState destination) =>
        _tracks.TryGetValue(destination, out var track) && Volatile.Read(ref track.RecoveredAt) is var at and > 0 ? at : null;

    public void ProbingCompleted(ClusterState cluster, IReadOnlyList<DestinationProbingResult> probingResults)
    {
        var options = RiseFallOptions.ForCluster(cluster.Model.Config);
        var healths = new List<NewActiveDestinationHealth>(probingResults.Count);
        foreach (var probe in probingResults)
        {
            var good = probe.Response is { } response && options.Expects((int)response.StatusCode);
            var track = _tracks.GetOrCreateValue(probe.Destination);
            track.Streak = good ? Math.Max(track.Streak, 0) + 1 : Math.Min(track.Streak, 0) - 1;
            var before = probe.Destination.Health.Active;
            var after = Judge(before, track.Streak, options);
            if ((before, after) == (DestinationHealth.Unhealthy, DestinationHealth.Healthy))
                Volatile.Write(ref track.RecoveredAt, clock.GetTimestamp());
            healths.Add(new(probe.Destination, after));
            if (before != after)
                LogChanged(after is DestinationHealth.Unhealthy ? LogLevel.Warning : LogLevel.Information,
                    cluster.ClusterId, probe.Destination.DestinationId, before, after, Reason(probe));
        }

        health.SetActive(cluster, healths);
    }

    private static string Reason(DestinationProbingResult probe) =>
        probe.Response is { } response ? $"status {(int)response.StatusCode}" : probe.Exception is { } error
            ? LogRedaction.ApplyToForeign(error.Message) : "no answer";

    [LoggerMessage("Destination {Destination} of {Cluster} went from {Before} to {After}: {Probe}")]
    private partial void LogChanged(
        LogLevel level, string cluster, string destination, DestinationHealth before, DestinationHealth after, string probe);

    private static DestinationHealth Judge(DestinationHealth now, int streak, RiseFallOptions options) => now switch
    {
        // A first good probe is enough for a destination that nobody has judged yet.
        DestinationHealth.Unknown => streak > 0 ? DestinationHealth.Healthy : streak <= -options.Fall ? DestinationHealth.Unhealthy : now,
        DestinationHealth.Healthy => streak <= -options.Fall ? DestinationHealth.Unhealthy : now,
        DestinationHealth.Unhealthy => streak >= options.Rise ? DestinationHealth.Healthy : now,
        _ => throw new ArgumentOutOfRangeException(nameof(now), now, null),
    };

    private sealed class Track
    {
        /// <summary>Positive: good probes in a row. Negative: failed ones. One writer: YARP probes a cluster one round at a time.</summary>
        public int Streak;

        public long RecoveredAt;
    }
}
