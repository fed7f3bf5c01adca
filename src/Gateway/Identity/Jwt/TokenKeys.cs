using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace Gateway.Identity.Jwt;

/// <summary>
/// Keeps the keys fresh behind the requests' back. Only this worker does I/O; a request reads the ring, and at most waits,
/// for a bounded time, for a fetch that its unknown key id is allowed to cause.
/// </summary>
internal sealed partial class TokenKeys : BackgroundService
{
    private static readonly TimeSpan FilePoll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _wanted =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly JwtOptions _options;
    private readonly JwksReader _reader;
    private readonly TimeProvider _clock;
    private readonly ILogger<TokenKeys> _logger;
    private volatile KeyRing? _current;
    private volatile Fetch _next = new(null);
    private byte[]? _read;
    private string? _reported;

    public TokenKeys(IOptions<JwtOptions> options, JwksReader reader, TimeProvider clock, ILogger<TokenKeys> logger)
    {
        (_options, _reader, _clock, _logger) = (options.Value, reader, clock, logger);
        if (_options.Secret is { } secret)
            _current = new([TokenKey.FromSecret(secret, _options)], []);
    }

    /// <summary>Null until the first set was read.</summary>
    public KeyRing? Current => _current;

    /// <summary>
    /// The ring after a fetch for a key that it lacks. Within <c>JwksCooldown</c> of the last fetch it is the ring as it is:
    /// a flood of invented key ids costs one fetch.
    /// </summary>
    public async ValueTask<KeyRing?> RefreshedAsync(CancellationToken cancel)
    {
        if (!Want(out var fetch))
            return _current;
        try
        {
            await fetch.Done.Task.WaitAsync(_options.JwksTimeout, _clock, cancel);
        }
        catch (TimeoutException)
        {
            // The source is slow: what is known now has to do.
        }

        return _current;
    }

    /// <summary>Asks for a fetch without waiting for it.</summary>
    public void Suspect() => Want(out _);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_options.Jwks is null)
            return;
        var retry = TimeSpan.FromMilliseconds(500);
        while (!stoppingToken.IsCancellationRequested)
        {
            var good = await FetchAsync(stoppingToken);
            _wanted.Reader.TryRead(out _); // Whoever asked meanwhile waits for this fetch; a second one would pass by the cooldown.
            var done = _next;
            _next = new(_clock.GetTimestamp());
            done.Done.SetResult();

            retry = good ? TimeSpan.FromMilliseconds(500) : TimeSpan.FromTicks(Math.Min(2 * retry.Ticks, LongestRetry.Ticks));
            var regular = _options.JwksUrl is null ? FilePoll : _options.JwksRefresh;
            await PauseAsync(good || retry > regular ? regular : retry, stoppingToken);
        }
    }

    private bool Want(out Fetch fetch)
    {
        fetch = _next;
        if (_options.Jwks is null || (fetch.Previous is { } previous && _clock.GetElapsedTime(previous) < _options.JwksCooldown))
            return false;
        _wanted.Writer.TryWrite(true);
        return true;
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken stopping)
    {
        using var early = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var tick = Task.Delay(pause, _clock, early.Token);
        var wanted = _wanted.Reader.ReadAsync(early.Token).AsTask();
        await Task.WhenAny(tick, wanted);
        await early.CancelAsync();
        await Task.WhenAll(tick, wanted).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    private async Task<bool> FetchAsync(CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(_options.JwksTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, limit.Token);
        try
        {
            var bytes = await _reader.ReadAsync(either.Token);
            if (_read is not null && bytes.AsSpan().SequenceEqual(_read))
                return true;
            var ring = KeyRing.Parse(bytes, _options);
            _current = ring;
            _read = bytes;
            _reported = null;
            LogKeys(ring.Keys.Count, string.Join("; ", ring.Skipped));
            return true;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or OperationCanceledException)
        {
            if (!stopping.IsCancellationRequested)
                Report(error is OperationCanceledException ? "no answer in time" : error.Message);
            return false;
        }
    }

    /// <summary>Once a fault and not once a try: a source that is down for an hour is one line.</summary>
    private void Report(string problem)
    {
        if (_reported == problem)
            return;
        _reported = problem;
        LogUnreadable(problem, _current?.Keys.Count ?? 0);
    }

    /// <param name="Previous">When the fetch before this one ended; null before the first.</param>
    private sealed record Fetch(long? Previous)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(LogLevel.Information, "Token keys: {Count} in force (not used: {Skipped})")]
    private partial void LogKeys(int count, string skipped);

    [LoggerMessage(LogLevel.Error, "Token keys cannot be read: {Problem}. {Count} keys stay in force")]
    private partial void LogUnreadable(string problem, int count);
}
