using Gateway.Rollout.Arms;
using Gateway.Rollout.Statistics;

namespace Gateway.Rollout.Control;

/// <summary>Everything that has to outlive the controller's process, as it stands in <c>rollout-state.json</c>.</summary>
/// <param name="Ramps">By cohort.</param>
/// <param name="Pending">
/// A transition that was decided and perhaps not carried out: written before the first of its steps and taken out behind the last.
/// </param>
internal sealed record RolloutState(IReadOnlyDictionary<string, RampState> Ramps, RolloutEvent? Pending)
{
    public static RolloutState Empty { get; } = new(new Dictionary<string, RampState>(StringComparer.Ordinal), null);

    public RampState this[string cohort] => Ramps.GetValueOrDefault(cohort) ?? RampState.Initial;

    public RolloutState With(string cohort, RampState ramp) =>
        this with { Ramps = new Dictionary<string, RampState>(Ramps, StringComparer.Ordinal) { [cohort] = ramp } };
}

/// <summary>One cohort's ramp.</summary>
/// <param name="HeldByPerson">It is paused, and by a person: then nothing moves, in no direction.</param>
/// <param name="Percentage">As it stood in the file when the controller last looked; null before it ever did.</param>
/// <param name="Proved">The highest percentage that was proved safe in this ramp.</param>
/// <param name="Why">Why it stands where it stands, in a sentence.</param>
/// <param name="StepSince">When the percentage was reached.</param>
/// <param name="Baked">For how long it has been watched since: no time in which nobody watched.</param>
/// <param name="Watched">The same since the ramp was started.</param>
/// <param name="Held">Until so much more was watched nothing moves upward: the clock had jumped.</param>
/// <param name="Gates">By name.</param>
/// <param name="Sources">By the gateway's admin address.</param>
/// <param name="FlagsOn">Flags of the cohort that were on when the controller last looked.</param>
/// <param name="Users">Distinct users since the percentage was reached, as the gateway that saw most of them counted them.</param>
internal sealed record RampState(
    RampPhase Phase, bool HeldByPerson, double? Percentage, double Proved, RampVerdict Verdict, string Why, DateTimeOffset? StartedAt,
    DateTimeOffset? StepSince, TimeSpan Baked, TimeSpan Watched, TimeSpan Held, IReadOnlyDictionary<string, GateState> Gates,
    IReadOnlyDictionary<string, SourceState> Sources, IReadOnlyList<string> FlagsOn, ArmUserCounts Users)
{
    public static RampState Initial { get; } = new(
        RampPhase.Idle, false, null, 0, RampVerdict.Collecting, "nobody has started it", null, null, TimeSpan.Zero,
        TimeSpan.Zero, TimeSpan.Zero,
        new Dictionary<string, GateState>(StringComparer.Ordinal), new Dictionary<string, SourceState>(StringComparer.Ordinal), [],
        new(0, 0));

    /// <summary>The evidence goes on from step to step; what begins anew is the time and the users of the step.</summary>
    public RampState AtStep(double percentage, DateTimeOffset at) => this with
    {
        Percentage = percentage, StepSince = at, Baked = TimeSpan.Zero, Users = new(0, 0), Verdict = RampVerdict.Collecting,
    };
}

internal sealed record ArmUserCounts(long Canary, long Control);

/// <summary>One gate's evidence since the ramp was started; of the two kinds it has one.</summary>
/// <param name="Definition">The gate as the file says it: the evidence of another one is none for this.</param>
/// <param name="FailingUsers">Some of the canary's, each once; enough to see whether they are several.</param>
internal sealed record GateState(
    string Definition, ControlEvidence? Control, LimitEvidence? Limit, GateUnits Canary, GateUnits Others,
    IReadOnlyList<string> FailingUsers)
{
    public double LogHarm => Control?.LogHarm ?? Limit!.LogHarm;

    public double LogSafe => Control?.LogSafe ?? Limit!.LogSafe;
}

/// <summary>What a gateway had said when it was last read; null while it has said nothing yet.</summary>
/// <param name="Split">Of this gateway's own first-seen users: two gateways may both see the same one first.</param>
internal sealed record SourceState(CohortEvidence? Last, SplitEvidence? Split);
