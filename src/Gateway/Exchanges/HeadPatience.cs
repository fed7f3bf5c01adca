using Microsoft.Extensions.ObjectPool;

namespace Gateway.Exchanges;

/// <summary>How long the head of an answer is waited for, from the last thing that moved.</summary>
internal sealed class HeadPatience(TimeSpan limit)
{
    private static readonly ObjectPool<CancellationTokenSource> Sources = new DefaultObjectPool<CancellationTokenSource>(new Unused());

    private CancellationTokenSource? _timer;
    private CancellationTokenRegistration _outer;
    private bool _isShared;

    /// <summary>The token is cancelled when nothing moved for too long, and with <paramref name="outer"/>.</summary>
    /// <param name="uploads">
    /// The request has a body: it may go on after the head, with the token, whose source then serves nobody else and is never disposed.
    /// </param>
    public CancellationToken Begin(TimeProvider clock, bool uploads, CancellationToken outer)
    {
        _isShared = !uploads && clock == TimeProvider.System;
        var timer = _isShared ? Sources.Get() : new CancellationTokenSource(limit, clock);
        if (_isShared)
            timer.CancelAfter(limit);
        _outer = outer.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), timer);
        Volatile.Write(ref _timer, timer);
        return timer.Token;
    }

    public void BeginAgain() => Volatile.Read(ref _timer)?.CancelAfter(limit);

    public void End()
    {
        _outer.Dispose();
        if (Interlocked.Exchange(ref _timer, null) is not { } timer)
            return;
        if (_isShared)
            Sources.Return(timer);
        else
            timer.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    /// <summary>One that was cancelled, or is about to be, is not taken back.</summary>
    private sealed class Unused : PooledObjectPolicy<CancellationTokenSource>
    {
        public override CancellationTokenSource Create() => new();

        public override bool Return(CancellationTokenSource obj) => obj.TryReset();
    }
}
