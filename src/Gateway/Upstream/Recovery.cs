using System.Collections.Concurrent;
using Gateway.Identity;
using Gateway.Rollout;

namespace Gateway.Upstream;

/// <summary>
/// Gives a backend that came back its users over <c>Upstream:Ramp</c> instead of all at once: whoever just restarted has cold caches
/// and an empty pool. The same user is early or late each time, so nobody flaps between two backends.
/// </summary>
internal sealed class Recovery(TimeProvider clock)
{
    private const string BucketName = "ramp";

    private readonly ConcurrentDictionary<string, Track> _tracks = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Tells what was just seen of the backend.</summary>
    /// <returns>Whether <paramref name="caller"/>'s turn has not come yet.</returns>
    public bool HoldsBack(string clusterId, bool available, Caller caller, TimeSpan ramp)
    {
        var track = _tracks.GetOrAdd(clusterId, static _ => new Track());
        if (!available)
        {
            track.Away = true;
            return false;
        }

        if (track.Away)
        {
            track.BackSince = clock.GetTimestamp();
            track.Away = false;
        }

        if (track.BackSince == 0)
            return false;
        var share = clock.GetElapsedTime(track.BackSince) / ramp * 100;
        if (share >= 100)
        {
            track.BackSince = 0;
            return false;
        }

        var bucket = caller.UserId is { } user ? Cohort.Bucket(BucketName, user) : Random.Shared.NextDouble() * 100;
        return bucket >= share;
    }

    /// <summary>Written by racing requests; a lost write delays a ramp by one request.</summary>
    private sealed class Track
    {
        private long _backSince;

        public volatile bool Away;

        public long BackSince
        {
            get => Volatile.Read(ref _backSince);
            set => Volatile.Write(ref _backSince, value);
        }
    }
}
