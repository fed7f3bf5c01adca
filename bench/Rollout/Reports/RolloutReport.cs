using System.Globalization;
using CompareBench.Reports;

namespace RolloutBench.Reports;

/// <summary>What <c>rollout.md</c> says.</summary>
internal sealed class RolloutReport(int ramps, int seed)
{
    private const string Judges = """
        All judges see the same ticks of ten seconds of the same ramps, each with so many users an arm and tick, of whom 0.5 %
        fail in control. A ramp has six steps below 100 % of a quarter of an hour. **Evidence** is the gateway's rule with one
        deciding gate: back at 1 in 100 with three failing users, up after the bake when the canary is proved to be worse by
        less than a point at 1 in 20, a pause after twice the bake. **Over 1 %, 3 checks** is Flagger's rule: a check a minute
        of that minute's canary alone; the third that fails in the whole ramp sends it back a minute later, 90 that pass are
        through. Ten checks is the example of its documentation. Its count of failed checks is never set back while a canary
        is analysed; **3 in a row** shows what it would be if it were. **z-test at each look** compares both arms at 1 %,
        one-sided, from 200 users on.
        """;

    private const string Scenarios = """
        **Bad minutes**: one in twenty, in which 10 % fail in both arms. **Users return**: each arm has ten times as many
        users as come in a tick. **After an hour**: as good as control until then; minutes count from there. The last two
        break what evidence takes for granted, that users of a tick fail independently and that each is a new draw. **Failures
        in threes**: what makes one user fail makes three fail. **Broken accounts**: one user in two hundred always fails, and
        the hash decided once which arm has how many.
        """;

    public string Write(
        IReadOnlyList<Found> few, IReadOnlyList<Found> many, IReadOnlyList<Found> variants, IReadOnlyList<Power> powers) =>
        string.Join('\n',
        [
            "# Ramps judged by evidence, by fixed thresholds and by a repeated test\n",
            Markdown.Wrap(string.Create(
                CultureInfo.InvariantCulture,
                $"Written by `bench/rollout`; [how to run it](../README.md). {ramps:N0} ramps a row, seed {seed}: a run with the same seed "
                + $"writes the same numbers.")) + "\n",
            Markdown.Wrap(Judges) + "\n",
            Markdown.Wrap(Scenarios) + "\n",
            "![Rolled back although nothing was wrong, and minutes to rollback](rollout.svg)\n",
            Markdown.Write(Compare(few)),
            Markdown.Write(Compare(many)),
            Markdown.Write(TellOurs([.. few, .. many])),
            Markdown.Write(TellVariants(variants)),
            Markdown.Write(TellPowers(powers)),
        ]);

    private static Section Compare(IReadOnlyList<Found> found)
    {
        string[] columns = ["canary", .. Ramp.Judges.Select(static judge => judge.Name)];
        return new(
            $"{found[0].Units} users an arm and tick",
            """
            Rolled back, of all ramps. In the first three rows and the last two nobody should be; in the others, what is
            missing was promoted, or paused where evidence judged (below).
            """,
            [
                new(null, columns, [.. found.Select(static f => Row(f.Scenario.Name, f.Judges.Select(Back)))]),
                new("Minutes until then, median and 90 %:", columns, [.. found.Where(static f => f.Scenario.HarmfulFrom is not null)
                    .Select(static f => Row(f.Scenario.Name, f.Judges.Select(static v => Time(v.ToRollback))))]),
            ], []);
    }

    private static Section TellOurs(IReadOnlyList<Found> found) => new(
        "What evidence does with a ramp",
        """
        Called safe: at some time before the end. For a canary that is worse by the margin (1.5 %) or more, that is an error,
        which 5 % allow. Two hypotheses overlap: a canary that is worse by less than the margin is both, and with enough users
        it is first called safe and then sent back.
        """,
        [
            new(null, ["canary", "users", "back", "called safe", "minutes until then", "called safe, then back", "paused", "promoted"],
                [.. found.Select(static f => f.Judges[0] is var ours
                    ? Row(f.Scenario.Name, [$"{f.Units}", Back(ours), Share(ours.WasSafe), Time(ours.ToSafety), Share(ours.SafeAndBack),
                        Share(ours.Paused), Share(ours.Promoted)])
                    : [])]),
        ], []);

    private Section TellVariants(IReadOnlyList<Found> found) => new(
        "What else was tried",
        string.Create(CultureInfo.InvariantCulture, $"""
        {ramps / 10:N0} ramps a row. **Users compared**: back only if also more of the canary's users than of control's failed
        at least once (`FailingUsers`). **Of each step**: each step has fresh evidence beside that of the whole ramp, which
        has half of the level; what an hour without harm has lost on bets need not be won back first. Rolled back, and minutes
        until then.
        """),
        [
            new(null, ["canary", "users", .. Ramp.Variants.Select(static judge => judge.Name)], [.. found.Select(static f => Row(
                f.Scenario.Name,
                [$"{f.Units}", .. f.Judges.Select(v => Back(v) + (f.Scenario.HarmfulFrom is null ? "" : $": {Time(v.ToRollback)}"))]))]),
        ], []);

    private static Section TellPowers(IReadOnlyList<Power> powers) => new(
        "How many users it takes",
        "Of the canary, with as many beside them in control, of whom 0.5 % fail, in ticks of 20 each.",
        [
            new(null, ["until it is proved", "median", "90 %"], [.. powers.Select(static power => Row(
                power.What, [Count(power.Median), Count(power.Ninety)]))]),
        ], []);

    private static IReadOnlyList<string> Row(string name, IEnumerable<string> cells) => [name, .. cells];

    private static string Back(Verdicts verdicts) =>
        Share(verdicts.RolledBack) + (verdicts.TooEarly > 0 ? $", {Share(verdicts.TooEarly)} before" : "");

    private static string Count(int units) => units.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.##} %");

    private static string Time(Minutes minutes) => minutes.Median is null ? "–"
        : string.Create(CultureInfo.InvariantCulture, $"{minutes.Median:0.0}, {minutes.Ninety:0.0}");
}
