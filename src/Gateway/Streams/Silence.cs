namespace Gateway.Streams;

/// <summary>
/// Notices that a read has been waiting for too long. One timer a stream, which is set once a limit and not once a read: when it rings,
/// it looks at how long the read that is waiting has waited, and comes back when the rest is over.
/// </summary>
internal sealed class Silence : IDisposable
{
    private const long Nobody = -1;

    private readonly TimeSpan _limit;
    private readonly TimeProvider _clock;
    private readonly Action _fellSilent;
    private readonly ITimer _timer;
    private long _waitingSince = Nobody;

    /// <param name="fellSilent">Called once.</param>
    public Silence(TimeSpan limit, TimeProvider clock, Action fellSilent)
    {
        (_limit, _clock, _fellSilent) = (limit, clock, fellSilent);
        _timer = clock.CreateTimer(static silence => ((Silence)silence!).Look(), this, limit, Timeout.InfiniteTimeSpan);
    }

    public void Begin() => Volatile.Write(ref _waitingSince, _clock.GetTimestamp());

    public void End() => Volatile.Write(ref _waitingSince, Nobody);

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var since = Volatile.Read(ref _waitingSince);
        var left = since == Nobody ? _limit : _limit - _clock.GetElapsedTime(since);
        if (left > TimeSpan.Zero)
            _timer.Change(left, Timeout.InfiniteTimeSpan);
        else
            _fellSilent();
    }
}
