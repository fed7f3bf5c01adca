using Gateway.Exchanges;
using Microsoft.FeatureManagement;

namespace Gateway.Rollout;

/// <summary>Which of the two keys of a flag is on, and which word of the operator said so.</summary>
/// <param name="EnvironmentValue">The variable's text; null when unset.</param>
/// <param name="FileEnabled">The file's <c>enabled</c>; null when the file does not name the flag.</param>
internal sealed record FlagSwitch(string? EnvironmentValue, bool? FileEnabled)
{
    public bool EnvironmentOn { get; } = bool.TryParse(EnvironmentValue, out var on) && on;

    public bool On { get; } = bool.TryParse(EnvironmentValue, out var env) && env && FileEnabled == true;

    /// <summary>The source that decides: the first key that is off, or both.</summary>
    public string DecidedBy => On ? "environment and file" : EnvironmentOn ? "file" : "environment";
}

/// <summary>One flag of a snapshot: its two-key switch, and the filters that choose its callers.</summary>
internal sealed class Flag
{
    private readonly IFeatureManager? _manager;
    private readonly CallerVerdicts? _verdicts;
    private readonly string _environment;

    /// <param name="environment">The deployment's name that a cohort's <c>Environments</c> are compared with.</param>
    public Flag(string name, FlagSwitch keys, IReadOnlyList<FlagFilter> filters, IFeatureManager? manager, string environment)
    {
        (Name, Switch, Filters, _manager, _environment) = (name, keys, filters, manager, environment);
        if (filters.All(filter => filter.IsTimeless))
            _verdicts = new(Ask);
    }

    /// <summary>A flag that a route names and the file does not: off, whatever the environment says.</summary>
    public static Flag Absent(string name, string? environmentValue) =>
        new(name, new FlagSwitch(environmentValue, null), [], null, "");

    public string Name { get; }

    public FlagSwitch Switch { get; }

    public IReadOnlyList<FlagFilter> Filters { get; }

    /// <summary>The share of users that the filters let in, as far as one number can say it; 0 when switched off.</summary>
    public double Percentage => !Switch.On ? 0 : Filters.Count == 0 ? 100 : Filters.Max(f => f.DefaultPercentage);

    /// <summary>The same for each cohort that the filters name; what other filters let in, or no filter keeps out, has no name.</summary>
    public IReadOnlyDictionary<string, double> CohortPercentages => Filters.Count == 0
        ? new Dictionary<string, double>(StringComparer.Ordinal) { [""] = Percentage }
        : Filters.GroupBy(filter => filter.Cohort?.Name ?? "", filter => Switch.On ? filter.DefaultPercentage : 0, StringComparer.Ordinal)
            .ToDictionary(cohort => cohort.Key, cohort => cohort.Max(), StringComparer.Ordinal);

    /// <summary>The cohort that alone decides who gets the flag; null when another filter has a say.</summary>
    public Cohort? SoleCohort => Filters is [{ Cohort: { } cohort }] ? cohort : null;

    public bool Accepts(Caller caller) => Place(caller).Accepted;

    /// <summary>Where the filters put this caller; FeatureManagement combines them by <c>requirement_type</c>.</summary>
    public Placement Place(Caller caller)
    {
        if (_manager is null || Filters.Count == 0)
            return new(true, null);
        return _verdicts is null ? Ask(caller) : _verdicts.Place(caller);
    }

    // Every filter that may stand in rollout.json answers at once, so nothing ever waits here.
    private Placement Ask(Caller caller)
    {
        var accepted = _manager!.IsEnabledAsync(Name, caller).GetAwaiter().GetResult();
        var verdict = SoleCohort?.Evaluate(caller, _environment);
        return new(accepted, verdict is { Match: CohortMatch.Default } ? verdict.Value.Bucket : null);
    }
}

/// <param name="HashBucket">The caller's place in the flag's only cohort, when the hash and nothing else decided; else null.</param>
internal readonly record struct Placement(bool Accepted, double? HashBucket);

/// <param name="Cohort">The cohort that a <c>Cohort</c> filter names.</param>
internal sealed record FlagFilter(string Name, Cohort? Cohort, double DefaultPercentage)
{
    /// <summary>Its answer to a caller is the same at any time.</summary>
    public bool IsTimeless { get; } = Name is CohortFilter.Alias or KnownCallerTargetingFilter.Alias;
}
