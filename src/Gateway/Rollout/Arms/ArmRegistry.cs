using System.Collections.Frozen;
using Gateway.Exchanges;
using Gateway.Rollout.Ramps;

namespace Gateway.Rollout.Arms;

/// <summary>The arms of every cohort that has a ramp. Whoever has none is not counted: nobody would ask.</summary>
internal sealed class ArmRegistry
{
    /// <summary>What smoke runs ask under: they are a program's users, and no sample of the cohort.</summary>
    private const string SmokeRequests = "smoke-";

    private volatile FrozenDictionary<string, CohortArms> _byCohort = FrozenDictionary<string, CohortArms>.Empty;

    private volatile FrozenDictionary<string, CohortArms> _byFlag = FrozenDictionary<string, CohortArms>.Empty;

    public IReadOnlyDictionary<string, CohortArms> ByCohort => _byCohort;

    /// <summary>A cohort whose gates stay as they are keeps its sums; one whose gates change begins anew.</summary>
    public void Follow(RolloutFile rollout)
    {
        var former = _byCohort;
        _byCohort = rollout.Ramps.Values.ToFrozenDictionary(
            ramp => ramp.Cohort,
            ramp => former.TryGetValue(ramp.Cohort, out var arms) && arms.Gates.SequenceEqual(ramp.Gates) ? arms : new(ramp.Gates),
            StringComparer.Ordinal);
        foreach (var (cohort, arms) in _byCohort)
            arms.AssignBy(rollout.Cohorts[cohort].DefaultPercentage);
        _byFlag = rollout.Flags.Values
            .Where(flag => flag.SoleCohort is { } cohort && _byCohort.ContainsKey(cohort.Name))
            .ToFrozenDictionary(flag => flag.Name, flag => _byCohort[flag.SoleCohort!.Name], StringComparer.Ordinal);
    }

    public void Count(Exchange exchange, in RequestOutcome outcome)
    {
        if (exchange.Assignment is { } assignment && _byFlag.TryGetValue(exchange.Route!.Flag!, out var arms)
            && !exchange.Fields.RequestId.StartsWith(SmokeRequests, StringComparison.Ordinal))
            arms.Count(exchange, assignment, outcome);
    }

    public void EndTick()
    {
        foreach (var arms in _byCohort.Values)
            arms.EndTick();
    }
}
