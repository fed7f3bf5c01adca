using System.Globalization;
using Gateway.Rollout.Control;
using Spectre.Console;
using Spectre.Console.Rendering;
using static Gateway.CommandLine.Screen;

namespace Gateway.CommandLine;

/// <summary>Where the ramps stand, for people. Every text in it is somebody's, so none is markup.</summary>
internal static class RolloutScreen
{
    private const int ShownTransitions = 6;
    private const int BarWidth = 10;

    public static string Render(RolloutReport report, string name, DateTimeOffset now, Terminal terminal) =>
        Screen.Render(Parts(report, name, now), terminal);

    private static IEnumerable<IRenderable> Parts(RolloutReport report, string name, DateTimeOffset now)
    {
        yield return Cell($"{Time(now)}  rollout of {name}, revision {report.Revision}", Heading);
        if (report.Ramps.Count == 0)
            yield return Cell("rollout.json has no Ramps: only people move users.");
        foreach (var ramp in report.Ramps)
        {
            yield return new Rows(Describe(ramp));
            yield return ToTable(
                "Gate|Canary failed|95 %|Control failed|95 %|Worse|Safe|Users failing",
                ramp.Gates.Select(gate => (IEnumerable<Text>)[
                    Cell(gate.Decides ? gate.Name : $"{gate.Name} (shown only)"), Cell(Failed(gate.Canary)), Cell(Bounds(gate.Canary)),
                    Cell(gate.Control is { } control ? Failed(control) : $"limit {Percent(Number(gate.Against))}"),
                    Cell(gate.Control is { } known ? Bounds(known) : ""),
                    Cell(Bar(gate.LogHarm, gate.HarmThreshold), gate.Decides && gate.LogHarm >= gate.HarmThreshold ? Bad : Plain),
                    Cell(Bar(gate.LogSafe, gate.SafeThreshold), gate.LogSafe >= gate.SafeThreshold ? Good : Plain),
                    Cell(Text(gate.FailingUsers))]));
        }

        if (report.Transitions.Count > 0)
        {
            yield return ToTable("Transitions", report.Transitions.Take(ShownTransitions).Select(e =>
                (IEnumerable<Text>)[Cell(Describe(e), e.Action is "rollback" or "kill" ? Bad : Plain)]));
        }
    }

    private static IEnumerable<Text> Describe(RampReport ramp)
    {
        var step = ramp.NextStep is { } next ? $"next step {Percent(next / 100)}" : "the last step";
        yield return Cell($"{ramp.Cohort}: {Percent(ramp.Percentage / 100)} of users, {step}, {ramp.Phase}, {ramp.Verdict}", Mark(ramp));
        yield return Cell($"  {ramp.Why}");
        if (ramp.Phase is not ("running" or "paused"))
            yield break;
        var bake = ramp.BakeLeftSeconds > 0
            ? $"bake: {Duration(ramp.BakeLeftSeconds)} of {Duration(ramp.BakeSeconds)} left" : "bake is over";
        var verdict = ramp.MinutesToVerdict is { } minutes
            ? minutes < 1 ? "a verdict within a minute" : $"a verdict in about {Text((int)Math.Round(minutes))} min at this traffic"
            : "too little traffic to say when there is a verdict";
        var window = ramp.WindowOpen ? "" : $"; the window opens {(ramp.WindowOpens is { } at ? Time(at) : "never")}";
        yield return Cell($"  {bake}; {verdict}{window}");
        yield return Cell(string.Create(CultureInfo.InvariantCulture,
            $"  users at this percentage: {ramp.Users.Canary} in the canary, {ramp.Users.Control} outside"
            + $"; evidence of a wrong split {Bar(ramp.LogSplit, ramp.LogSplitThreshold)}"));
    }

    private static string Describe(RolloutEvent e) =>
        $"{Time(e.At)} {e.Subject} {e.Action} {RolloutCommand.Show(e, e.From)} → {RolloutCommand.Show(e, e.To)}"
        + $" by {e.Who}: {e.Why} [{e.Id}]";

    private static Style Mark(RampReport ramp) => ramp switch
    {
        { Phase: "rolled-back" } or { Verdict: "regressed" or "split-wrong" } => Bad,
        { Phase: "paused" } or { Verdict: "inconclusive" } => Attention,
        { Phase: "done" } or { Verdict: "proved-safe" } => Good,
        _ => Plain,
    };

    /// <summary>How far toward its threshold; the numbers beside it are natural logarithms.</summary>
    private static string Bar(double log, double threshold)
    {
        var filled = (int)Math.Clamp(Math.Round(BarWidth * log / threshold), 0, BarWidth);
        return string.Create(CultureInfo.InvariantCulture,
            $"{new string('█', filled)}{new string('·', BarWidth - filled)} {log:0.0}/{threshold:0.0}");
    }

    private static string Failed(ArmReport arm) => arm.Units == 0
        ? "–" : string.Create(CultureInfo.InvariantCulture, $"{arm.Failures} of {arm.Units} ({Percent(arm.Rate!.Value)})");

    private static string Bounds(ArmReport arm) => arm.Lower is { } lower ? $"{Percent(lower)}–{Percent(arm.Upper!.Value)}" : "";

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.##} %");

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Duration(double seconds) => seconds < 90
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0.#} min");
}
