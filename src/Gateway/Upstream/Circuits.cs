using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;

namespace Gateway.Upstream;

/// <summary><c>Upstream:Circuit</c>: when a backend that keeps failing is left alone for a while.</summary>
internal sealed class CircuitOptions
{
    /// <summary>Share of failures, above 0 to 1, that opens the circuit.</summary>
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>Requests within the sampling time below which the circuit never opens; from 2.</summary>
    public int MinimumThroughput { get; set; } = 10;

    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(10);

    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>One circuit a cluster. Circuits outlive configuration reloads: a reload does not mend a backend.</summary>
internal sealed partial class Circuits(IOptions<CircuitOptions> options, TimeProvider clock, ILogger<Circuits> logger)
{
    private readonly ConcurrentDictionary<string, Circuit> _circuits = new(StringComparer.OrdinalIgnoreCase);

    public Circuit Of(string clusterId) =>
        _circuits.TryGetValue(clusterId, out var circuit) ? circuit : _circuits.GetOrAdd(clusterId, Create);

    private Circuit Create(string clusterId)
    {
        var state = new CircuitBreakerStateProvider();
        var circuit = new Circuit(state, clock);
        circuit.Pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
            {
                FailureRatio = options.Value.FailureRatio,
                MinimumThroughput = options.Value.MinimumThroughput,
                SamplingDuration = options.Value.SamplingDuration,
                BreakDuration = options.Value.BreakDuration,
                StateProvider = state,
                ShouldHandle = static args => ValueTask.FromResult(CircuitHandler.IsFailure(args.Context, args.Outcome)),
                OnOpened = args =>
                {
                    circuit.OpenUntil(clock.GetUtcNow() + args.BreakDuration);
                    LogOpened(clusterId, args.BreakDuration.TotalSeconds);
                    return default;
                },
                OnHalfOpened = _ =>
                {
                    LogHalfOpened(clusterId);
                    return default;
                },
                OnClosed = _ =>
                {
                    LogClosed(clusterId);
                    return default;
                },
            })
            .Build();
        return circuit;
    }

    [LoggerMessage(LogLevel.Warning, "Circuit of {Cluster} is open for {Seconds} s")]
    private partial void LogOpened(string cluster, double seconds);

    [LoggerMessage(LogLevel.Information, "Circuit of {Cluster} is half-open: one trial request")]
    private partial void LogHalfOpened(string cluster);

    [LoggerMessage(LogLevel.Information, "Circuit of {Cluster} is closed")]
    private partial void LogClosed(string cluster);
}

internal sealed class Circuit(CircuitBreakerStateProvider state, TimeProvider clock)
{
    private long _openUntilTicks;

    public ResiliencePipeline<HttpResponseMessage> Pipeline { get; set; } = null!;

    /// <summary>
    /// Half-open as soon as a trial is due. Polly half-opens only when asked to send: without a request it would call itself open
    /// for ever.
    /// </summary>
    public CircuitState State => state.CircuitState is CircuitState.Open && !Blocks ? CircuitState.HalfOpen : state.CircuitState;

    /// <summary>
    /// Open and not yet due for a trial. Polly half-opens only when asked to send, so after the break the next request
    /// has to be let through to it.
    /// </summary>
    public bool Blocks =>
        state.CircuitState is CircuitState.Isolated
        || (state.CircuitState is CircuitState.Open && clock.GetUtcNow().UtcTicks < Volatile.Read(ref _openUntilTicks));

    public void OpenUntil(DateTimeOffset moment) => Volatile.Write(ref _openUntilTicks, moment.UtcTicks);
}
