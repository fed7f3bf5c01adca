using Gateway.Rollout.Arms;
using Gateway.Rollout.Ramps;
using Gateway.Rollout.Statistics;

namespace Gateway.Rollout.Control;

/// <summary>Adds what the gateways have counted since the last reading, summed over all of them, to a ramp's evidence.</summary>
internal static class RampEvidence
{
    /// <summary>More than the verdict asks for, and few enough to keep.</summary>
    private const int MostFailingUsers = 16;

    /// <param name="pages">By admin address; null for a gateway that could not be asked, which loses nothing by it.</param>
    public static RampState Add(RampPlan plan, RampState state, IReadOnlyDictionary<string, CohortEvidence?> pages)
    {
        var gates = plan.Gates.ToDictionary(gate => gate.Name, gate => Find(state, gate), StringComparer.Ordinal);
        var sources = new Dictionary<string, SourceState>(StringComparer.Ordinal);
        var deltas = new List<CohortDelta>();
        foreach (var (address, page) in pages)
        {
            var former = state.Sources.GetValueOrDefault(address) ?? new(null, null);
            var delta = page is null ? null : CohortDelta.Since(former.Last, page);
            if (delta is not null)
                deltas.Add(delta);
            sources[address] = page is null ? former : new(page, AddSplit(former, page, delta));
        }

        foreach (var gate in plan.Gates)
            gates[gate.Name] = Add(gates[gate.Name], gate.Name, deltas);
        return state with { Gates = gates, Sources = sources, Users = FindUsers(state, pages) };
    }

    public static string Define(RampGate gate) => FormattableString.Invariant(
        $"{gate.Measure} {gate.SlowerThan} against {(gate.Limit is { } limit ? limit : "control")} margin {gate.Margin}");

    private static GateState Find(RampState state, RampGate gate) =>
        state.Gates.TryGetValue(gate.Name, out var known) && known.Definition == Define(gate) ? known : new(
            Define(gate), gate.Limit is null ? new ControlEvidence(gate.Margin!.Value) : null,
            gate.Limit is { } limit ? new LimitEvidence(limit) : null, new(0, 0), new(0, 0), []);

    private static GateState Add(GateState gate, string name, IReadOnlyList<CohortDelta> deltas)
    {
        var canary = Sum(deltas.Select(delta => delta.Gates.GetValueOrDefault(name)?.Canary));
        var control = Sum(deltas.Select(delta => delta.Gates.GetValueOrDefault(name)?.Control));
        var tick = new GateTick(new(canary.Units, canary.Failures), new(control.Units, control.Failures));
        return gate with
        {
            Control = gate.Control?.Add(tick), Limit = gate.Limit?.Add(tick.Canary),
            Canary = Plus(gate.Canary, canary), Others = Plus(gate.Others, control),
            FailingUsers = [.. gate.FailingUsers
                .Union(deltas.SelectMany(delta => delta.FailingUsers.GetValueOrDefault(name) ?? []), StringComparer.Ordinal)
                .Take(MostFailingUsers)],
        };
    }

    /// <summary>While the percentage changes nobody can say which share the users of the tick were planned for.</summary>
    private static SplitEvidence? AddSplit(SourceState former, CohortEvidence page, CohortDelta? delta)
    {
        if (delta is null || former.Last?.Percentage != page.Percentage)
            return former.Split;
        return (former.Split ?? new SplitEvidence()).Add(delta.Users.Canary, delta.Users.Control, page.Percentage / 100);
    }

    /// <summary>As the gateway that saw most of them counted them: two of them may see the same user.</summary>
    private static ArmUserCounts FindUsers(RampState state, IReadOnlyDictionary<string, CohortEvidence?> pages)
    {
        CohortEvidence[] now = [.. pages.Values.OfType<CohortEvidence>().Where(page => page.Percentage == state.Percentage)];
        return new(
            now.Select(page => page.Figures.Canary.Distinct).Append(state.Users.Canary).Max(),
            now.Select(page => page.Figures.Control.Distinct).Append(state.Users.Control).Max());
    }

    private static GateUnits Sum(IEnumerable<GateUnits?> units) => units.OfType<GateUnits>().Aggregate(new GateUnits(0, 0), Plus);

    private static GateUnits Plus(GateUnits one, GateUnits other) => new(one.Units + other.Units, one.Failures + other.Failures);
}

/// <summary>What one gateway has counted between two readings.</summary>
/// <param name="FailingUsers">By gate: of the canary.</param>
internal sealed record CohortDelta(
    ArmUserCounts Users, IReadOnlyDictionary<string, GateFigures> Gates, IReadOnlyDictionary<string, IReadOnlyList<string>> FailingUsers)
{
    /// <param name="then">Null for a gateway that was never read: what it counted before belongs to nobody's ramp.</param>
    /// <returns>Null when there is nothing to subtract from.</returns>
    public static CohortDelta? Since(CohortEvidence? then, CohortEvidence now)
    {
        if (then is null)
            return null;
        var before = then.Epoch == now.Epoch ? then.Figures : null;
        return new(
            new(now.Figures.Canary.FirstSeen - (before?.Canary.FirstSeen ?? 0),
                now.Figures.Control.FirstSeen - (before?.Control.FirstSeen ?? 0)),
            now.Figures.Gates.ToDictionary(
                gate => gate.Key, gate => Subtract(gate.Value, before?.Gates.GetValueOrDefault(gate.Key)), StringComparer.Ordinal),
            now.Figures.Gates.ToDictionary(
                gate => gate.Key,
                gate => (IReadOnlyList<string>)
                    [.. gate.Value.FailingUsers.Where(user => user.Tick >= (before?.Tick ?? 0)).Select(user => user.User)],
                StringComparer.Ordinal));
    }

    private static GateFigures Subtract(GateFigures now, GateFigures? before) => before is null ? now : new(
        Subtract(now.Canary, before.Canary), Subtract(now.Control, before.Control), now.FailingUsers);

    private static GateUnits Subtract(GateUnits now, GateUnits before) => new(now.Units - before.Units, now.Failures - before.Failures);
}
