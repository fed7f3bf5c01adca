using System.Globalization;

namespace CalendarService.Generation;

/// <summary>The three time limits on a writer, and the wish to stop, as one token.</summary>
internal sealed class RunLimits : IDisposable
{
    private readonly GenerationOptions _options;
    private readonly CancellationTokenSource _item;
    private readonly CancellationTokenSource _total;
    private readonly CancellationTokenSource _any;
    private TimeSpan _current;

    public RunLimits(GenerationOptions options, TimeProvider clock, CancellationToken stopping)
    {
        _options = options;
        _item = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _total = new CancellationTokenSource(options.TotalTimeout, clock);
        _any = CancellationTokenSource.CreateLinkedTokenSource(_item.Token, _total.Token, stopping);
    }

    public CancellationToken Token => _any.Token;

    /// <summary>The limit that was exceeded, as a sentence; null when none was.</summary>
    public string? Exceeded =>
        _total.IsCancellationRequested ? $"The writer was not finished in time (the whole run may take {Seconds(_options.TotalTimeout)})."
        : _item.IsCancellationRequested ? $"The writer gave nothing for too long (the limit is {Seconds(_current)})."
        : null;

    /// <summary>Starts the clock for the next sign of life.</summary>
    public void Expect(bool first)
    {
        _current = first ? _options.FirstItemTimeout : _options.ItemTimeout;
        _item.CancelAfter(_current);
    }

    public void Cancel() => _any.Cancel();

    public void Dispose()
    {
        _any.Dispose();
        _total.Dispose();
        _item.Dispose();
    }

    private static string Seconds(TimeSpan limit) => string.Create(CultureInfo.InvariantCulture, $"{limit.TotalSeconds:0.###} s");
}
