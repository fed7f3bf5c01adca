namespace Gateway.Telemetry;

/// <summary>
/// What came of one backend on all routes since the process began. Counted beside the series, because the metrics library gives a
/// histogram's buckets to its page only, and the page of a thousand routes has fifteen megabytes.
/// </summary>
/// <param name="bounds">Upper bounds of the buckets, in seconds.</param>
internal sealed class BackendCounts(double[] bounds)
{
    private readonly long[] _buckets = new long[bounds.Length + 1];
    private long _untimed;
    private long _errors;
    private long _passedOver;
    private long _streamsOpen;

    public void Answered(int status, TimeSpan? elapsed)
    {
        if (elapsed is { } took)
            Interlocked.Increment(ref _buckets[FindBucket(took.TotalSeconds)]);
        else
            Interlocked.Increment(ref _untimed);
        if (status >= StatusCodes.Status500InternalServerError)
            Interlocked.Increment(ref _errors);
    }

    public void PassedOver() => Interlocked.Increment(ref _passedOver);

    public void StreamOpened() => Interlocked.Increment(ref _streamsOpen);

    public void StreamEnded() => Interlocked.Decrement(ref _streamsOpen);

    public BackendTotals Read()
    {
        var buckets = new long[_buckets.Length];
        for (var i = 0; i < buckets.Length; i++)
            buckets[i] = Volatile.Read(ref _buckets[i]);
        return new(
            buckets.Sum() + Volatile.Read(ref _untimed), Volatile.Read(ref _errors), Volatile.Read(ref _passedOver),
            Volatile.Read(ref _streamsOpen), buckets);
    }

    private int FindBucket(double seconds)
    {
        var bucket = 0;
        while (bucket < bounds.Length && seconds > bounds[bucket])
            bucket++;
        return bucket;
    }
}

/// <summary>Since the process began; streams are those of this moment.</summary>
/// <param name="Errors">Answers of 500 and above.</param>
/// <param name="PassedOver">How often somebody further down the chain answered in its place because it was away or failed.</param>
/// <param name="Buckets">How many of the answers took no longer than each of <see cref="GatewayMetrics.Bounds"/>; the last, longer.</param>
internal sealed record BackendTotals(long Requests, long Errors, long PassedOver, long StreamsOpen, long[] Buckets)
{
    public static BackendTotals None { get; } = new(0, 0, 0, 0, new long[GatewayMetrics.Bounds.Count + 1]);

    public static BackendTotals operator +(BackendTotals one, BackendTotals other) => new(
        one.Requests + other.Requests, one.Errors + other.Errors, one.PassedOver + other.PassedOver, one.StreamsOpen + other.StreamsOpen,
        [.. one.Buckets.Zip(other.Buckets, static (a, b) => a + b)]);

    /// <returns>What happened since then; the streams are still those of the later moment.</returns>
    public BackendTotals Since(BackendTotals then) => new(
        Requests - then.Requests, Errors - then.Errors, PassedOver - then.PassedOver, StreamsOpen,
        [.. Buckets.Zip(then.Buckets, static (now, before) => now - before)]);
}
