using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

    /// <summary>
    /// The same circuits by what a request has at hand, so that it hashes no address. A reload that changes a destination gives it another
    /// model; whose address stayed finds its circuits again.
    /// </summary>
    private readonly ConditionalWeakTable<DestinationModel, CircuitsOfDestination> _byDestination = [];

    /// <summary>Those through which a request of the route is sent.</summary>
    public CircuitPair Get(string clusterId, DestinationState destination, string routeId)
    {
        var own = _byDestination.GetOrCreateValue(destination.Model);
        var found = own.Find(routeId);
        return found is { Reach: not null, Answers: not null } ? found : own.Add(
            routeId, GetOrCreate(new(clusterId, destination.Model.Config.Address, null)),
            GetOrCreate(new(clusterId, destination.Model.Config.Address, routeId)));
    }

    /// <summary>Those of them that anything was ever sent through: looking makes none.</summary>
    /// <param name="routeId">Null for reaching the destination at all.</param>
    public CircuitPair Find(string clusterId, DestinationState destination, string? routeId)
    {
        var found = _byDestination.TryGetValue(destination.Model, out var own) ? own.Find(routeId) : default;
        var address = destination.Model.Config.Address;
        return new(
            found.Reach ?? _circuits.GetValueOrDefault(new(clusterId, address, null)),
            routeId is null ? null : found.Answers ?? _circuits.GetValueOrDefault(new(clusterId, address, routeId)));
    }

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

    private Circuit GetOrCreate(CircuitKey key) => _circuits.TryGetValue(key, out var circuit) ? circuit : _circuits.GetOrAdd(key, Create);

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

    private sealed class CircuitsOfDestination
    {
        private readonly ConcurrentDictionary<string, Circuit> _answers = new(StringComparer.Ordinal);
        private volatile Circuit? _reach;

        public CircuitPair Find(string? routeId) => new(_reach, routeId is null ? null : _answers.GetValueOrDefault(routeId));

        public CircuitPair Add(string routeId, Circuit reach, Circuit answers) => new(_reach = reach, _answers[routeId] = answers);
    }
}

/// <summary>What stands between a request and a destination.</summary>
/// <param name="Reach">About reaching it, from whatever route.</param>
/// <param name="Answers">About its answers on the request's route.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CircuitPair(Circuit? Reach, Circuit? Answers)
{
    /// <summary>A request would not be sent.</summary>
    public bool Blocks => Reach is { Blocks: true } || Answers is { Blocks: true };

    public bool IsHalfOpen => Reach is { State: CircuitState.HalfOpen } || Answers is { State: CircuitState.HalfOpen };

    /// <summary>When the later of them closed after having been open, by the clock's timestamp; null when neither ever was.</summary>
    public long? ClosedAgainAt => Reach?.ClosedAgainAt is { } reach && Answers?.ClosedAgainAt is { } answers
        ? Math.Max(reach, answers)
        : Reach?.ClosedAgainAt ?? Answers?.ClosedAgainAt;
}
