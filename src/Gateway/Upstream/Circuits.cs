using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using ServiceDefaults.Options;

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

    public static void Check(CircuitOptions o, OptionFaults faults)
    {
        faults.Within("FailureRatio", o.FailureRatio, 0.01, 1);
        faults.Within("MinimumThroughput", o.MinimumThroughput, 2, 1_000_000);
        faults.Within("SamplingDuration", o.SamplingDuration, TimeSpan.FromMilliseconds(500), TimeSpan.FromHours(1));
        faults.Within("BreakDuration", o.BreakDuration, TimeSpan.FromMilliseconds(500), TimeSpan.FromHours(1));
    }
}

/// <summary>One circuit a cluster. Circuits outlive configuration reloads: a reload does not mend a backend.</summary>
internal sealed partial class Circuits(IOptions<CircuitOptions> options, TimeProvider clock, ILogger<Circuits> logger)
{
    private readonly ConcurrentDictionary<string, Circuit> _circuits = new(StringComparer.OrdinalIgnoreCase);

    public Circuit GetCircuit(string clusterId) =>
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
                    LogOpened(clusterId, args.BreakDuration.TotalSeconds, CircuitHandler.DescribeFailure(args.Outcome));
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

    [LoggerMessage(LogLevel.Warning, "Circuit of {Cluster} is open for {Seconds} s: too many requests failed, the last by {Failure}")]
    private partial void LogOpened(string cluster, double seconds, string failure);

    [LoggerMessage(LogLevel.Information, "Circuit of {Cluster} is half-open: one trial request")]
    private partial void LogHalfOpened(string cluster);

    [LoggerMessage(LogLevel.Information, "Circuit of {Cluster} is closed: the trial request was answered")]
    private partial void LogClosed(string cluster);
}

/// <summary>
/// The state of one cluster's circuit as the gateway acts on it. Polly half-opens only when it is asked to send: without a request it
/// would call itself open for ever, so an open circuit whose break is over counts as half-open here.
/// </summary>
internal sealed class Circuit(CircuitBreakerStateProvider state, TimeProvider clock)
{
    private long _openUntilTicks;

    public ResiliencePipeline<HttpResponseMessage> Pipeline { get; set; } = null!;

    public CircuitState State => state.CircuitState switch
    {
        CircuitState.Closed => CircuitState.Closed,
        CircuitState.Open => IsTrialDue ? CircuitState.HalfOpen : CircuitState.Open,
        CircuitState.HalfOpen => CircuitState.HalfOpen,
        CircuitState.Isolated => CircuitState.Isolated,
        var unknown => throw new InvalidOperationException($"Polly has a circuit state that this gateway does not know: {unknown}"),
    };

    /// <summary>Nothing is sent. After the break the next request has to be let through: it is the trial.</summary>
    public bool Blocks => State is CircuitState.Open or CircuitState.Isolated;

    private bool IsTrialDue => clock.GetUtcNow().UtcTicks >= Volatile.Read(ref _openUntilTicks);

    public void OpenUntil(DateTimeOffset moment) => Volatile.Write(ref _openUntilTicks, moment.UtcTicks);
}
