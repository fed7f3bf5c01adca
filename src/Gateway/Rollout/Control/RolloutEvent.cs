using System.Text.Json.Serialization;

namespace Gateway.Rollout.Control;

/// <summary>One transition, as it stands on a line of <c>rollout-audit.jsonl</c>.</summary>
/// <param name="Id">Sorts by time.</param>
/// <param name="Who">A person at a machine, or <c>controller</c>.</param>
/// <param name="Action">
/// <c>start</c>, <c>step</c>, <c>rollback</c>, <c>pause</c>, <c>resume</c>, <c>skip</c>, <c>abort</c>, <c>set</c>, <c>done</c>,
/// <c>kill</c>, <c>enable</c>, <c>undo</c>, or <c>hand-edit</c>: somebody saved the file.
/// </param>
/// <param name="Subject">The cohort, or the flag of a kill.</param>
/// <param name="From">
/// What the file said: a percentage, or <c>true</c> or <c>false</c> of a flag. Equal to <paramref name="To"/> when it stays.
/// </param>
/// <param name="Phase">Of the ramp behind it; null for a flag.</param>
/// <param name="Why">The reason given, or what the evidence says.</param>
/// <param name="Numbers">By gate.</param>
/// <param name="RevisionBefore">Of the configuration that it was decided on.</param>
/// <param name="RevisionAfter">Of the files behind it; the same when they stay.</param>
/// <param name="Undo">The command that undoes it; null when there is nothing to undo.</param>
internal sealed record RolloutEvent(
    string Id, DateTimeOffset At, string Who, string Action, string Subject, string From, string To, string? Phase, string? Verdict,
    string Why, IReadOnlyDictionary<string, GateNumbers> Numbers, string RevisionBefore, string? RevisionAfter, string? Undo)
{
    public const string Controller = "controller";

    [JsonIgnore]
    public bool ChangesFile => From != To && Action != "hand-edit";

    /// <summary>The event is about a flag's key, not about a percentage.</summary>
    [JsonIgnore]
    public bool IsOfFlag => Phase is null;

    public static string NewId(DateTimeOffset at) => Guid.CreateVersion7(at).ToString("n");
}

/// <param name="LogHarm">Natural logarithm, as <paramref name="HarmThreshold"/>; at or above it the gate is worse.</param>
internal sealed record GateNumbers(
    long CanaryUnits, long CanaryFailures, long ControlUnits, long ControlFailures, double LogHarm, double HarmThreshold, double LogSafe,
    double SafeThreshold);
