using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Model;

namespace Gateway.Upstream;

/// <summary>
/// Two kinds of circuit, so that what fails is left alone and nothing else. One a destination: whether it can be reached. One a route and
/// destination: how it answers there. They outlive configuration reloads, because a reload does not mend a backend; another address does.
/// </summary>
internal sealed partial class Circuits(IOptions<CircuitOptions> options, TimeProvider clock, ILogger<Circuits> logger)
{
    private readonly ConcurrentDictionary<CircuitKey, Circuit> _circuits = new();

    /// <summary>About reaching the destination, from whatever route.</summary>
    public Circuit GetCircuit(string clusterId, DestinationState destination) => GetCircuit(clusterId, destination, null);

    /// <param name="routeId">About its answers on this route; null for reaching it at all.</param>
    public Circuit GetCircuit(string clusterId, DestinationState destination, string? routeId)
    {
        var key = new CircuitKey(clusterId, destination.Model.Config.Address, routeId);
        return _circuits.TryGetValue(key, out var circuit) ? circuit : _circuits.GetOrAdd(key, Create);
    }

    /// <summary>Whether a request of this route would not be sent to the destination.</summary>
    public bool Block(string? routeId, string clusterId, DestinationState destination) =>
        Find(clusterId, destination, null) is { Blocks: true }
        || (routeId is not null && Find(clusterId, destination, routeId) is { Blocks: true });

    /// <summary>The circuit if anything was ever sent through it: looking makes none.</summary>
    public Circuit? Find(string clusterId, DestinationState destination, string? routeId) =>
        _circuits.GetValueOrDefault(new(clusterId, destination.Model.Config.Address, routeId));

    /// <summary>The worst state of all circuits of these destinations.</summary>
    public CircuitState WorstState(string clusterId, IReadOnlyCollection<DestinationState> destinations)
    {
        var worst = CircuitState.Closed;
        foreach (var (key, circuit) in _circuits)
        {
            if (key.ClusterId == clusterId && destinations.Any(d => d.Model.Config.Address == key.Address) && circuit.State > worst)
                worst = circuit.State;
        }

        return worst;
    }

    private Circuit Create(CircuitKey key) => new(options.Value, clock, (state, failure) =>
    {
        switch (state)
        {
            case CircuitState.Open:
                LogOpened(key.ClusterId, key.Address, key.RouteId, options.Value.BreakDuration.TotalSeconds, failure);
                break;
            case CircuitState.HalfOpen:
                LogHalfOpened(key.ClusterId, key.Address, key.RouteId);
                break;
            case CircuitState.Closed:
                LogClosed(key.ClusterId, key.Address, key.RouteId);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(state), state, null);
        }
    });

    [LoggerMessage(LogLevel.Warning,
        "Circuit of {Cluster} is open for {Address}, route {OfRoute}, for {Seconds} s: too many requests failed, the last by {Failure}")]
    private partial void LogOpened(string cluster, string address, string? ofRoute, double seconds, string failure);

    [LoggerMessage(LogLevel.Information, "Circuit of {Cluster} is half-open for {Address}, route {OfRoute}: trial requests")]
    private partial void LogHalfOpened(string cluster, string address, string? ofRoute);

    [LoggerMessage(LogLevel.Information, "Circuit of {Cluster} is closed for {Address}, route {OfRoute}: a trial request was answered")]
    private partial void LogClosed(string cluster, string address, string? ofRoute);

    private readonly record struct CircuitKey(string ClusterId, string Address, string? RouteId);
}
