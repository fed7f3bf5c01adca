using System.CommandLine;
using Gateway.Rollout.Control;
using Gateway.Snapshots;
using ServiceDefaults.Starting;

namespace Gateway.CommandLine;

/// <summary>
/// <c>gateway rollout</c>: where the ramps stand, and acting on them. Through the config folder, or with <c>--admin</c> through a running
/// gateway. What moves users says whom before it does.
/// </summary>
internal static class RolloutCommand
{
    private static readonly (string Verb, string Says, bool OfFlag)[] Verbs =
    [
        ("start", "Start a ramp: to its first step, or from where the percentage stands.", false),
        ("pause", "Hold a ramp where it is; nothing moves by itself until resume.", false),
        ("resume", "Let a paused ramp go on.", false),
        ("skip", "Take the next step now, without proof.", false),
        ("abort", "End a ramp and move its users back: 0 %.", false),
        ("kill", "Set a flag's enabled to false: everybody is back, whatever the percentage.", true),
        ("enable", "Set a flag's enabled to true.", true),
    ];

    public static Command Create(Func<string[], Task<int>> run)
    {
        var command = new Command("rollout", "Show and move the ramps of rollout.json.") { RolloutStatusCommand.Create() };
        foreach (var (verb, says, ofFlag) in Verbs)
        {
            var subject = new Argument<string?>(ofFlag ? "FLAG" : "COHORT")
            {
                Arity = ofFlag ? ArgumentArity.ExactlyOne : ArgumentArity.ZeroOrOne,
                Description = ofFlag ? "As rollout.json names it." : "Needed where rollout.json has several ramps.",
            };
            command.Add(CreateAction(verb, says, subject, null));
        }

        command.Add(CreateAction(
            "set", "Set a cohort's percentage by hand; a ramp that runs is paused.", new Argument<string?>("COHORT"),
            new Argument<double>("PERCENT") { Description = "From 0 to 100." }));
        var transition = new Argument<string?>("EVENT") { Description = "Its id, as status shows it." };
        command.Add(CreateAction("undo", "Undo a transition.", transition, null));
        command.Add(RolloutRunCommand.Create(run));
        return command;
    }

    private static Command CreateAction(string verb, string says, Argument<string?> subject, Argument<double>? percentage)
    {
        var target = new RolloutTargetOptions();
        var reason = new Option<string?>("--reason") { Description = "Stands in the audit; required for what moves users." };
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var expected = new Option<string?>("--expected-revision") { Description = "Refuse when the files are of another revision." };
        var json = CommandOutput.JsonOption();
        var command = new Command(verb, says) { subject };
        if (percentage is not null)
            command.Add(percentage);
        foreach (var option in (Option[])[reason, yes, expected, .. target.All, json])
            command.Add(option);
        command.SetAction(async (result, cancel) =>
        {
            using var rollout = target.Open(result);
            var action = new RolloutAction(
                verb, result.GetValue(subject) ?? await rollout.FindOnlyRampAsync(cancel),
                percentage is null ? null : result.GetValue(percentage), result.GetValue(reason), Who(), result.GetValue(expected));
            return await ActAsync(result, rollout, action, result.GetValue(yes), result.GetValue(json), cancel);
        });
        return command;
    }

    private static async Task<int> ActAsync(
        ParseResult result, RolloutTarget rollout, RolloutAction action, bool yes, bool json, CancellationToken cancel)
    {
        var preview = await rollout.PreviewAsync(action, cancel);
        var expected = action.ExpectedRevision ?? preview.Revision;
        if (!json)
        {
            foreach (var line in preview.Lines)
                result.WriteText(line);
        }

        if (!yes && !Confirm(result))
            throw new CommandRefusedException("not-confirmed", "Nothing was done: it was not confirmed. --yes does not ask.");
        var done = await rollout.ActAsync(action with { ExpectedRevision = expected }, cancel);
        if (json)
        {
            result.WriteJson(done);
            return ExitCodes.Done;
        }

        result.WriteText(done.From == done.To
            ? $"{done.Subject}: {done.Action}; it stays at {Show(done, done.To)}"
            : $"{done.Subject}: {done.Action}, {Show(done, done.From)} → {Show(done, done.To)}, revision {done.RevisionAfter}");
        if (done.Undo is { } undo)
            result.WriteText($"To undo it: {undo}");
        return ExitCodes.Done;
    }

    public static string Show(RolloutEvent e, string value) => e.IsOfFlag ? value == "true" ? "on" : "off" : $"{value} %";

    private static bool Confirm(ParseResult result)
    {
        if (Console.IsInputRedirected || !ReferenceEquals(result.InvocationConfiguration.Output, Console.Out))
            return false;
        result.InvocationConfiguration.Output.Write("Go on? [y/N] ");
        return Console.ReadLine()?.Trim().ToUpperInvariant() is "Y" or "YES";
    }

    private static string Who() => $"{Environment.UserName}@{Environment.MachineName}";
}
