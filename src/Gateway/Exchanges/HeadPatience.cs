namespace Gateway.Exchanges;

/// <summary>How long the head of an answer is waited for, from the last thing that moved.</summary>
internal sealed class HeadPatience(TimeSpan limit)
{
    private CancellationTokenSource? _timer;
    private CancellationTokenRegistration _outer;

    /// <summary>
    /// The token is cancelled when nothing moved for too long, and with <paramref name="outer"/>. Its source is never disposed: an upload
    /// may go on after the head.
    /// </summary>
    public CancellationToken Begin(TimeProvider clock, CancellationToken outer)
    {
        var timer = new CancellationTokenSource(limit, clock);
        _outer = outer.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), timer);
        Volatile.Write(ref _timer, timer);
        return timer.Token;
    }

    public void BeginAgain() => Volatile.Read(ref _timer)?.CancelAfter(limit);

    public void End()
    {
        _outer.Dispose();
        Interlocked.Exchange(ref _timer, null)?.CancelAfter(Timeout.InfiniteTimeSpan);
    }
}
