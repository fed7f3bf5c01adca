using System.Collections.Concurrent;
using Gateway.Exchanges;
using Gateway.Rollout;

namespace Gateway.Upstream;

/// <summary>
/// Gives a backend that came back its users over <c>Upstream:Ramp</c> instead of all at once: whoever just restarted has cold caches
/// and an empty pool. The same user is early or late each time, so nobody flaps between two backends.
/// </summary>
internal sealed partial class Recovery(TimeProvider clock, ILogger<Recovery> logger)
{
    private const string BucketName = "ramp";

    private readonly ConcurrentDictionary<string, Track> _tracks = new(StringComparer.OrdinalIgnoreCase);

    private enum Stage
    {
        Up,
        Away,
        Returning,
    }

    /// <summary>Takes note of whether the backend can be asked now.</summary>
    /// <returns>Whether <paramref name="caller"/>'s turn has not come yet.</returns>
    public bool HoldsBack(string clusterId, bool available, Caller caller, TimeSpan ramp)
    {
        var track = _tracks.GetOrAdd(clusterId, static _ => new Track());
        var stage = track.Stage;
        switch (stage)
        {
            case Stage.Up or Stage.Returning when !available:
                Move(clusterId, track, stage, Stage.Away, "it cannot be asked");
                return false;
            case Stage.Up:
            case Stage.Away when !available:
                return false;
            case Stage.Away:
                track.BackSince = clock.GetTimestamp(); // Before the stage: who sees the stage reads it.
                Move(clusterId, track, stage, Stage.Returning, "it can be asked again");
                return IsLate(caller, share: 0);
            case Stage.Returning:
                var share = clock.GetElapsedTime(track.BackSince) / ramp * 100;
                if (share < 100)
                    return IsLate(caller, share);
                Move(clusterId, track, stage, Stage.Up, "the ramp is over");
                return false;
            default:
                throw new InvalidOperationException($"No such stage of a recovery: {stage}");
        }
    }

    private static bool IsLate(Caller caller, double share) =>
        (caller.UserId is { } user ? Cohort.Bucket(BucketName, user) : Random.Shared.NextDouble() * 100) >= share;

    /// <summary>Requests race to notice; the first one moves the stage and says so.</summary>
    private void Move(string clusterId, Track track, Stage from, Stage to, string reason)
    {
        if (track.TryMove(from, to))
            LogMoved(clusterId, from, to, reason);
    }

    [LoggerMessage(LogLevel.Information, "Backend {Cluster} went from {From} to {To}: {Reason}")]
    private partial void LogMoved(string cluster, Stage from, Stage to, string reason);

    private sealed class Track
    {
        private volatile Stage _stage;
        private long _backSince;

        public Stage Stage => _stage;

        public long BackSince
        {
            get => Volatile.Read(ref _backSince);
            set => Volatile.Write(ref _backSince, value);
        }

        public bool TryMove(Stage from, Stage to) => Interlocked.CompareExchange(ref _stage, to, from) == from;
    }
}
