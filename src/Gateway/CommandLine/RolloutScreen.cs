using System.Globalization;
using Gateway.Rollout.Control;
using ServiceDefaults.Logging;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Gateway.CommandLine;

/// <summary>Where the ramps stand, for people. Every text in it is somebody's, so none is markup.</summary>
internal static class RolloutScreen
{
    private const int ShownTransitions = 6;
    private const int BarWidth = 10;

    private static readonly Style Good = new(Color.Green);
    private static readonly Style Bad = new(Color.Red);
    private static readonly Style Attention = new(Color.Yellow);
    private static readonly Style Heading = new(decoration: Decoration.Bold);

    public static string Render(RolloutReport report, string name, DateTimeOffset now, Terminal terminal)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = terminal.HasColors ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = terminal.HasColors ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = terminal.Width;
        console.Profile.Capabilities.Unicode = true;
        foreach (var part in Parts(report, name, now))
        {
            console.Write(part);
            console.WriteLine();
        }

        // A table pads its last column.
        return string.Concat(text.ToString().Split('\n').SkipLast(1).Select(line => line.TrimEnd() + "\n"));
    }

    private static IEnumerable<IRenderable> Parts(RolloutReport report, string name, DateTimeOffset now)
    {
        yield return Line($"{Time(now)}  rollout of {name}, revision {report.Revision}", Heading);
        if (report.Ramps.Count == 0)
            yield return Line("rollout.json has no Ramps: only people move users.");
        foreach (var ramp in report.Ramps)
        {
            yield return new Rows(Describe(ramp));
            yield return Table(
                "Gate|Canary failed|95 %|Control failed|95 %|Worse|Safe|Users failing",
                ramp.Gates.Select(gate => (IEnumerable<Text>)[
                    Cell(gate.Decides ? gate.Name : $"{gate.Name} (shown only)"), Cell(Failed(gate.Canary)), Cell(Bounds(gate.Canary)),
                    Cell(gate.Control is { } control ? Failed(control) : $"limit {Percent(Number(gate.Against))}"),
                    Cell(gate.Control is { } known ? Bounds(known) : ""),
                    Cell(Bar(gate.LogHarm, gate.HarmThreshold), gate.Decides && gate.LogHarm >= gate.HarmThreshold ? Bad : Style.Plain),
                    Cell(Bar(gate.LogSafe, gate.SafeThreshold), gate.LogSafe >= gate.SafeThreshold ? Good : Style.Plain),
                    Cell(Text(gate.FailingUsers))]));
        }

        if (report.Transitions.Count > 0)
        {
            yield return Table("Transitions", report.Transitions.Take(ShownTransitions).Select(e =>
                (IEnumerable<Text>)[Cell(Describe(e), e.Action is "rollback" or "kill" ? Bad : Style.Plain)]));
        }
    }

    private static IEnumerable<Text> Describe(RampReport ramp)
    {
        var step = ramp.NextStep is { } next ? $"next step {Percent(next / 100)}" : "the last step";
        yield return Line($"{ramp.Cohort}: {Percent(ramp.Percentage / 100)} of users, {step}, {ramp.Phase}, {ramp.Verdict}", Mark(ramp));
        yield return Line($"  {ramp.Why}");
        if (ramp.Phase is not ("running" or "paused"))
            yield break;
        var bake = ramp.BakeLeftSeconds > 0
            ? $"bake: {Duration(ramp.BakeLeftSeconds)} of {Duration(ramp.BakeSeconds)} left" : "bake is over";
        var verdict = ramp.MinutesToVerdict is { } minutes
            ? minutes < 1 ? "a verdict within a minute" : $"a verdict in about {Text((int)Math.Round(minutes))} min at this traffic"
            : "too little traffic to say when there is a verdict";
        var window = ramp.WindowOpen ? "" : $"; the window opens {(ramp.WindowOpens is { } at ? Time(at) : "never")}";
        yield return Line($"  {bake}; {verdict}{window}");
        yield return Line(string.Create(CultureInfo.InvariantCulture,
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
        _ => Style.Plain,
    };

    private static Table Table(string headings, IEnumerable<IEnumerable<Text>> rows)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (var heading in headings.Split('|'))
            table.AddColumn(new TableColumn(new Text(heading, Heading)) { Padding = new Padding(0, 0, 2, 0) });
        foreach (var row in rows)
            table.AddRow(row);
        return table;
    }

    private static Text Line(string text, Style? style = null) => Cell(text, style);

    /// <summary>One line, that drives no terminal.</summary>
    private static Text Cell(string text, Style? style = null) => new(
        TerminalCharacters.Escape(text.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace('\t', ' ')), style ?? Style.Plain);

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

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
