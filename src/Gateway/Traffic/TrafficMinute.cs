using System.Text;
using Prometheus;

namespace Gateway.Traffic;

/// <summary>
/// What was answered over the last minute, out of the counters that the metrics page shows: a sample every few seconds, of which the one of
/// a minute ago is subtracted from now's. Nothing is counted for it.
/// </summary>
internal sealed class TrafficMinute(CollectorRegistry registry, TimeProvider clock)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // The page is a hundred kilobytes: whoever asks in a loop is not worth making it each time.
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly Queue<TrafficSample> _samples = new();
    private volatile TrafficSample? _latest; // That was asked for.

    /// <summary>Remembers this moment, and forgets what is older than a minute.</summary>
    public async Task RememberAsync(CancellationToken cancel)
    {
        var now = await SampleAsync(cancel);
        lock (_lock)
        {
            _samples.Enqueue(now);
            while (clock.GetElapsedTime(_samples.Peek().At, now.At) > Window)
                _samples.Dequeue();
        }
    }

    public async Task<TrafficFigures> ReadAsync(CancellationToken cancel)
    {
        var now = _latest is { } latest && clock.GetElapsedTime(latest.At) < Fresh ? latest : await SampleAsync(cancel);
        _latest = now;
        TrafficSample? since;
        lock (_lock)
            since = _samples.FirstOrDefault(sample => clock.GetElapsedTime(sample.At, now.At) <= Window);
        return TrafficFigures.Subtract(now, since, since is null ? TimeSpan.Zero : clock.GetElapsedTime(since.At, now.At));
    }

    private async Task<TrafficSample> SampleAsync(CancellationToken cancel)
    {
        using var page = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(page, cancel);
        return TrafficSample.Parse(clock.GetTimestamp(), Encoding.UTF8.GetString(page.GetBuffer(), 0, (int)page.Length));
    }
}
