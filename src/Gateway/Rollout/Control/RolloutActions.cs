using System.Globalization;
using Gateway.Rollout.Ramps;
using Gateway.Snapshots;

namespace Gateway.Rollout.Control;

/// <summary>What a person wants.</summary>
/// <param name="Verb">
/// <c>start</c>, <c>pause</c>, <c>resume</c>, <c>skip</c>, <c>abort</c>, <c>set</c>, <c>kill</c>, <c>enable</c> or <c>undo</c>.
/// </param>
/// <param name="Subject">A cohort; a flag for <c>kill</c> and <c>enable</c>; an event's id for <c>undo</c>.</param>
/// <param name="Percentage">For <c>set</c>.</param>
/// <param name="Reason">Required for what moves users.</param>
/// <param name="ExpectedRevision">Refused when the files are of another one; null for whatever they are.</param>
internal sealed record RolloutAction(
    string Verb, string Subject, double? Percentage, string? Reason, string Who, string? ExpectedRevision);

/// <summary>Acts on a folder for people: the same from the command line and over the admin listener.</summary>
internal sealed partial class RolloutActions(
    RolloutFolder folder, Transitions transitions, RolloutNotices? notices, TimeProvider clock, ILogger<RolloutActions> logger)
{
    /// <summary>What would happen, and the bytes of the file behind it.</summary>
    /// <exception cref="RolloutRefusedException">Nothing would: why.</exception>
    public async Task<(RolloutEvent Event, ConfigFiles Files, byte[] After)> PreviewAsync(RolloutAction action, CancellationToken cancel)
    {
        using var locked = await folder.LockAsync(cancel);
        var prepared = Prepare(action);
        return (prepared.Event, prepared.Files, prepared.Event.ChangesFile
            ? Transitions.Edit(prepared.Files.Rollout!, prepared.Event) : prepared.Files.Rollout!);
    }

    /// <exception cref="RolloutRefusedException">Nothing was done: why.</exception>
    public async Task<RolloutEvent> ActAsync(RolloutAction action, CancellationToken cancel)
    {
        using var locked = await folder.LockAsync(cancel);
        var prepared = Prepare(action);
        if (string.IsNullOrWhiteSpace(action.Reason) && (prepared.Event.ChangesFile || action.Verb is "start" or "resume" or "skip"))
            throw new RolloutRefusedException(RolloutRefusal.Illegal, $"{action.Verb} moves users: it takes a reason.");
        var (_, done) = transitions.Carry(prepared.Files, prepared.Before, prepared.After, prepared.Event);
        LogActed(done.Subject, done.Action, done.From, done.To, done.Who, done.Why);
        notices?.Send(prepared.Plan, done);
        return done;
    }

    private Prepared Prepare(RolloutAction action)
    {
        var state = transitions.Recover(folder.ReadState(), folder.Config.Read());
        var files = folder.Config.Read();
        if (action.ExpectedRevision is { } expected && expected != files.Revision)
        {
            throw new RolloutRefusedException(
                RolloutRefusal.Conflict, $"The files are of revision {files.Revision} and not of {expected}: somebody has changed them.");
        }

        var rollout = RolloutFolder.Parse(files);
        return action.Verb switch
        {
            "kill" or "enable" => PrepareFlag(action, action.Verb, action.Subject, action.Verb == "enable", files, state, rollout),
            "undo" => PrepareUndo(action, files, state, rollout),
            _ => PrepareRamp(action, files, state, rollout),
        };
    }

    private Prepared PrepareRamp(RolloutAction action, ConfigFiles files, RolloutState state, RolloutFile rollout)
    {
        if (!rollout.Cohorts.TryGetValue(action.Subject, out var cohort))
            throw Unknown("cohort", action.Subject, rollout.Cohorts.Keys);
        var plan = rollout.Ramps.GetValueOrDefault(action.Subject);
        var ramp = state[action.Subject];
        ramp = ramp with { Percentage = cohort.DefaultPercentage };
        var move = action.Verb == "set" ? Set(action, ramp) : RampWishes.Decide(
            plan ?? throw new RolloutRefusedException(
                RolloutRefusal.Unknown, $"{action.Subject} has no ramp: Ramps of {RolloutFile.Name} does not name it."),
            ramp, action.Verb, action.Reason);
        var at = clock.GetUtcNow();
        var from = action.Verb switch
        {
            "start" => RampState.Initial with { Percentage = ramp.Percentage, StartedAt = at, StepSince = at },
            "resume" => ramp with { FlagsOn = [] }, // Those that are on from now on.
            _ => ramp,
        };
        var after = RampEvents.Apply(from, move with { ByPerson = true }, at);
        var transition = RampEvents.Create(action.Subject, plan, ramp, move, action.Who, at, files.Revision);
        return new(plan, files, state, state.With(action.Subject, after), transition);
    }

    private static RampMove Set(RolloutAction action, RampState ramp) => action.Percentage is { } to and >= 0 and <= 100
        ? new("set", to, ramp.Phase == RampPhase.Running ? RampPhase.Paused : ramp.Phase, ramp.Verdict, action.Reason ?? "")
        : throw new RolloutRefusedException(RolloutRefusal.Illegal, "set takes a percentage from 0 to 100.");

    private Prepared PrepareFlag(
        RolloutAction action, string name, string flag, bool to, ConfigFiles files, RolloutState state, RolloutFile rollout)
    {
        if (!rollout.Flags.TryGetValue(flag, out var known))
            throw Unknown("flag", flag, rollout.Flags.Keys);
        var from = known.Switch.FileEnabled is true;
        if (from == to)
            throw new RolloutRefusedException(RolloutRefusal.Illegal, $"{flag} is {(to ? "on" : "off")} in the file already.");
        var at = clock.GetUtcNow();
        var id = RolloutEvent.NewId(at);
        var transition = new RolloutEvent(
            id, at, action.Who, name, flag, RolloutValue.ToText(from), RolloutValue.ToText(to), null, null, action.Reason ?? "",
            new Dictionary<string, GateNumbers>(StringComparer.Ordinal), files.Revision, files.Revision,
            $"gateway rollout undo {id} --reason \"…\"");
        return new(null, files, state, state, transition);
    }

    private Prepared PrepareUndo(RolloutAction action, ConfigFiles files, RolloutState state, RolloutFile rollout)
    {
        var undone = folder.ReadAudit().LastOrDefault(e => e.Id == action.Subject)
            ?? throw new RolloutRefusedException(RolloutRefusal.Unknown, $"The audit has no event {action.Subject}.");
        var now = RolloutValue.Read(files.Rollout!, undone.Subject, undone.IsOfFlag);
        if (undone.From == undone.To)
            throw new RolloutRefusedException(RolloutRefusal.Illegal, $"{undone.Action} changed no value that could be changed back.");
        if (now != undone.To)
        {
            throw new RolloutRefusedException(RolloutRefusal.Conflict,
                $"{undone.Subject} is {now ?? "gone"} and not {undone.To} any more: something came after that event.");
        }

        if (undone.IsOfFlag)
            return PrepareFlag(action, "undo", undone.Subject, undone.From == "true", files, state, rollout);
        var former = double.Parse(undone.From, CultureInfo.InvariantCulture);
        var prepared = PrepareRamp(action with { Verb = "set", Subject = undone.Subject, Percentage = former }, files, state, rollout);
        return prepared with { Event = prepared.Event with { Action = "undo" } };
    }

    private static RolloutRefusedException Unknown(string what, string name, IEnumerable<string> known) => new(
        RolloutRefusal.Unknown, $"There is no {what} {name}; there is {string.Join(", ", known.Order(StringComparer.Ordinal))}.");

    private sealed record Prepared(RampPlan? Plan, ConfigFiles Files, RolloutState Before, RolloutState After, RolloutEvent Event);

    [LoggerMessage(LogLevel.Warning, "Rollout of {Subject}: {Action} {From} → {To} by {Who}: {Why}")]
    private partial void LogActed(string subject, string action, string from, string to, string who, string why);
}
