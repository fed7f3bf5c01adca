using Gateway.Rollout.Statistics;
using RolloutBench.Judges;
using RolloutBench.Streams;

namespace RolloutBench;

/// <summary>One ramp: every judge sees the same ticks until it has decided.</summary>
internal static class Ramp
{
    /// <summary>In the reports' order; the first is ours.</summary>
    public static IReadOnlyList<JudgeKind> Judges { get; } =
    [
        new("evidence", static () => new EvidenceJudge(new())),
        new("over 0.5 %, 3 checks", static () => new FixedThresholdJudge(0.005, 3)),
        new("over 1 %, 3 checks", static () => new FixedThresholdJudge(0.01, 3)),
        new("over 1 %, 10 checks", static () => new FixedThresholdJudge(0.01, 10)),
        new("over 1 %, 3 in a row", static () => new FixedThresholdJudge(0.01, 3, inARow: true)),
        new("over 2 %, 3 checks", static () => new FixedThresholdJudge(0.02, 3)),
        new("z-test at each look", static () => new RepeatedTestJudge()),
    ];

    /// <summary>What the evidence might do beside what it does.</summary>
    public static IReadOnlyList<JudgeKind> Variants { get; } =
    [
        new("evidence", static () => new EvidenceJudge(new())),
        new("and users compared", static () => new EvidenceJudge(new(ComparesUsers: true))),
        new("and of each step", static () => new EvidenceJudge(new(Restarts: true))),
        new("and both", static () => new EvidenceJudge(new(ComparesUsers: true, Restarts: true))),
    ];

    public static Judge[] Run(IReadOnlyList<JudgeKind> kinds, Scenario scenario, Draws draws, int units)
    {
        var judges = kinds.Select(static kind => kind.Create()).ToArray();
        var stream = scenario.Start(draws, units);
        var (users, failedInCanary, failedInControl) = (0L, 0L, 0L);
        for (var tick = 0; Array.Exists(judges, static judge => judge.Outcome == Outcome.Undecided); tick++)
        {
            var failed = stream(tick);
            users += scenario.Users is not { } few || tick < few ? units : 0;
            failedInCanary += failed.NewInCanary;
            failedInControl += failed.NewInControl;
            var seen = new Seen(
                new(new(units, failed.Canary), new(units, failed.Control)), new(new(users, failedInCanary), new(users, failedInControl)));
            foreach (var judge in judges)
                judge.Look(seen);
        }

        return judges;
    }
}

internal sealed record JudgeKind(string Name, Func<Judge> Create);
