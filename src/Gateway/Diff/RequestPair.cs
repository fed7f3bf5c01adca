using Gateway.Exchanges;

namespace Gateway.Diff;

/// <summary>Requests that take the same route on each side, and what becomes of users on them.</summary>
internal sealed class RequestPair(RoutePolicy? before, RoutePolicy? after, int beforeGate, int afterGate)
{
    private readonly Dictionary<(RouteReason, RouteReason), Movement?> _movements = [];

    public string? Before => before?.RouteId;

    public string? After => after?.RouteId;

    /// <summary>Some of them, each as a request's first line.</summary>
    public List<string> Requests { get; } = [];

    public int RequestCount { get; set; }

    /// <summary>How many users go to another backend, and how many of each made-up population.</summary>
    public int Moving { get; set; }

    public IEnumerable<Movement> Movements => _movements.Values.OfType<Movement>();

    /// <summary>Null for whom nothing changes.</summary>
    public Movement? FindMovement(
        ComparedFolder was, ComparedFolder becomes, RouteReason[] wasGates, RouteReason[] becomesGates, int shares)
    {
        var gates = (Gate(wasGates, beforeGate), Gate(becomesGates, afterGate));
        if (!_movements.TryGetValue(gates, out var movement))
            _movements[gates] = movement = Create(was, becomes, gates.Item1, gates.Item2, shares);
        return movement;
    }

    private static RouteReason Gate(RouteReason[] gates, int index) => index < 0 ? RouteReason.Refused : gates[index];

    private Movement? Create(ComparedFolder was, ComparedFolder becomes, RouteReason gate, RouteReason next, int shares)
    {
        var (from, to) = (ComparedFolder.FindBackend(before, gate), ComparedFolder.FindBackend(after, next));
        var (here, there) = (was.AddressesOf(from), becomes.AddressesOf(to));
        return from == to && here == there && before?.RouteId == after?.RouteId
            ? null
            : new(from, gate.ToLabel(), here, to, next.ToLabel(), there, shares);
    }
}
