using Microsoft.Extensions.Options;

namespace Gateway.Fallback;

/// <summary>
/// Bounds replays of requests that were already sent: at most a share of the requests of the last ten seconds, and at least a few a
/// second. Without it, the slow death of the new service would send every request twice and take legacy down with it.
/// Source: the retry budget of https://linkerd.io/2/features/retries-and-timeouts/.
/// </summary>
internal sealed class ReplayBudget(IOptions<FallbackOptions> options, TimeProvider clock)
{
    private const int Seconds = 10;

    private readonly Lock _lock = new();
    private readonly long[] _requests = new long[Seconds];
    private readonly long[] _replays = new long[Seconds];
    private long _second;

    /// <summary>Every request comes here: the lock is taken only where a second begins.</summary>
    public void CountRequest()
    {
        var second = CurrentSecond;
        if (second != Volatile.Read(ref _second))
        {
            lock (_lock)
            {
                CurrentSlot();
            }
        }

        Interlocked.Increment(ref _requests[second % Seconds]);
    }

    /// <summary>Whether one more replay fits; asking spends nothing.</summary>
    public bool HasRoom()
    {
        lock (_lock)
        {
            CurrentSlot();
            return HasRoomNow();
        }
    }

    /// <summary>Spends one replay; false when none is left.</summary>
    public bool TrySpend()
    {
        lock (_lock)
        {
            var now = CurrentSlot();
            if (!HasRoomNow())
                return false;
            _replays[now]++;
            return true;
        }
    }

    private long CurrentSecond => clock.GetTimestamp() / clock.TimestampFrequency;

    private bool HasRoomNow()
    {
        var (requests, replays) = (0L, 0L);
        for (var i = 0; i < Seconds; i++)
        {
            requests += _requests[i];
            replays += _replays[i];
        }

        return replays < Math.Max(options.Value.ReplayShare * requests, options.Value.ReplaysPerSecond * Seconds);
    }

    /// <summary>This second's slot; slots of seconds that have passed meanwhile are emptied.</summary>
    private int CurrentSlot()
    {
        var second = CurrentSecond;
        for (var passed = Math.Max(_second + 1, second - Seconds + 1); passed <= second; passed++)
            _requests[passed % Seconds] = _replays[passed % Seconds] = 0;
        Volatile.Write(ref _second, second);
        return (int)(second % Seconds);
    }
}
