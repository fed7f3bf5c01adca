using Gateway.Telemetry;

namespace Gateway.Traffic;

/// <summary>
/// What was answered over the last minute: a sample of the sums every few seconds, of which the one of a minute ago is subtracted from
/// now's.
/// </summary>
internal sealed class TrafficMinute(GatewayMetrics metrics, TimeProvider clock)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Queue<TrafficSample> _samples = new();

    /// <summary>Remembers this moment, and forgets what is older than a minute.</summary>
    public void Remember()
    {
        var now = Sample();
        lock (_lock)
        {
            _samples.Enqueue(now);
            while (clock.GetElapsedTime(_samples.Peek().At, now.At) > Window)
                _samples.Dequeue();
        }
    }

    public TrafficFigures Read()
    {
        var now = Sample();
        TrafficSample? since;
        lock (_lock)
            since = _samples.FirstOrDefault(sample => clock.GetElapsedTime(sample.At, now.At) <= Window);
        return TrafficFigures.Subtract(now, since, since is null ? TimeSpan.Zero : clock.GetElapsedTime(since.At, now.At));
    }

    private TrafficSample Sample() => new(clock.GetTimestamp(), metrics.ReadBackends());
}

/// <param name="At">The clock's timestamp.</param>
/// <param name="Backends">By who answered.</param>
internal sealed record TrafficSample(long At, IReadOnlyDictionary<string, BackendTotals> Backends);
