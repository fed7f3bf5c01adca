using Gateway.Rollout.Control;
using Gateway.Rollout.Ramps;
using Gateway.Rollout.Statistics;

namespace Gateway.Tests.Rollout.Control;

/// <summary>Holds docs/contract.md section 10: the verdicts, and what follows from each.</summary>
public sealed class RampJudgeTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Bake = TimeSpan.FromMinutes(15);

    private static readonly RampPlan Plan = new(
        "canary", [1, 5, 100], Bake,
        [
            new("errors", Measure.ServerError, null, 0.01, null, true), new("publish", Measure.PublishFailed, 0.05, null, null, true),
            new("slow", Measure.SlowerThan, null, 0.02, TimeSpan.FromSeconds(1), false),
        ],
        OnRegression.Rollback, RollbackTo.Zero, OnInconclusive.Pause, null, []);

    private static readonly RampSight Sight = new(Now, 5, null, null);

    [Theory]
    [InlineData("safe", "proved-safe")]
    [InlineData("safe, bake not over", "collecting")]
    [InlineData("safe, few users", "collecting")]
    [InlineData("safe, few units", "collecting")]
    [InlineData("nothing", "collecting")]
    [InlineData("open", "collecting")]
    [InlineData("open, twice the bake", "inconclusive")]
    [InlineData("worse", "regressed")]
    [InlineData("worse, two users", "collecting")]
    [InlineData("worse, bake not over, few users", "regressed")]
    [InlineData("worse at the limit", "regressed")]
    [InlineData("safe, and worse where nothing is decided", "proved-safe")]
    [InlineData("safe, split", "split-wrong")]
    public void Verdict_IsWhatTheEvidenceSays(string evidence, string verdict) =>
        Assert.Equal(verdict, RampJudge.Judge(Plan, State(evidence)).ToLabel());

    [Theory]
    [InlineData("safe", "step", 100, "running")]
    [InlineData("nothing", null, 5, null)]
    [InlineData("worse", "rollback", 0, "rolled-back")]
    [InlineData("open, twice the bake", "pause", 5, "paused")]
    [InlineData("safe, split", "pause", 5, "paused")]
    public void RunningRamp_DoesWhatFollows(string evidence, string? action, double to, string? phase) =>
        AssertMove(RampJudge.Decide(Plan, Judged(evidence), Sight), action, to, phase);

    [Fact]
    public void LastStep_ThatIsProved_IsTheEnd() =>
        AssertMove(RampJudge.Decide(Plan, Judged("safe") with { Percentage = 100 }, Sight with { FilePercentage = 100 }), "done", 100, "done");

    [Theory]
    [InlineData("idle")]
    [InlineData("paused")]
    [InlineData("done")]
    [InlineData("rolled-back")]
    public void RampThatDoesNotRun_MovesNobody(string name)
    {
        var phase = Enum.GetValues<RampPhase>().Single(one => one.ToLabel() == name);
        foreach (var evidence in (string[])["safe", "worse", "safe, split", "open, twice the bake"])
            Assert.Null(RampJudge.Decide(Plan, Judged(evidence) with { Phase = phase, HeldByPerson = phase == RampPhase.Paused }, Sight));
    }

    [Fact]
    public void RampThatTheControllerPaused_IsSentBackWhenItRegresses_AndGoesNowhereElse()
    {
        AssertMove(RampJudge.Decide(Plan, Judged("worse") with { Phase = RampPhase.Paused }, Sight), "rollback", 0, "rolled-back");
        foreach (var evidence in (string[])["safe", "safe, split", "open, twice the bake"])
            Assert.Null(RampJudge.Decide(Plan, Judged(evidence) with { Phase = RampPhase.Paused }, Sight));
        var pausing = Plan with { OnRegression = OnRegression.Pause };
        Assert.Null(RampJudge.Decide(pausing, Judged("worse") with { Phase = RampPhase.Paused }, Sight));
    }

    [Fact]
    public void HandEdit_WinsOverAnyVerdict_AndPausesARampThatRuns()
    {
        foreach (var evidence in (string[])["safe", "worse", "nothing"])
        {
            var edit = RampJudge.Decide(Plan, Judged(evidence), Sight with { FilePercentage = 25 });
            AssertMove(edit, "hand-edit", 25, "paused");
            Assert.Equal("somebody changed 5 % to 25 % in the file; the ramp is paused", edit!.Why);
        }

        AssertMove(
            RampJudge.Decide(Plan, Judged("nothing") with { Phase = RampPhase.RolledBack }, Sight with { FilePercentage = 1 }),
            "hand-edit", 1, "rolled-back");
    }

    [Theory]
    [InlineData("lagging", "http://b cannot be asked")]
    [InlineData("held", "the clock has jumped: no step for 3 minutes")]
    [InlineData("closed", "the window is closed until 2026-11-30 07:00Z")]
    public void Obstacle_HoldsBackAStepUp_AndNeverARollback(string obstacle, string told)
    {
        var plan = obstacle == "closed"
            ? Plan with { Windows = new RampWindows([WeeklyWindow.Find("Mon-Thu 08:00-11:00")!], "Europe/Berlin", []) } : Plan;
        var at = obstacle == "closed" ? new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero) : Now;
        var sight = Sight with { Lagging = obstacle == "lagging" ? "http://b cannot be asked" : null, Now = at };
        var held = obstacle == "held" ? TimeSpan.FromMinutes(3) : TimeSpan.Zero;

        Assert.Null(RampJudge.Decide(plan, Judged("safe") with { Held = held }, sight));
        Assert.Equal(told, RampJudge.FindObstacle(plan, Judged("safe") with { Held = held }, sight));
        AssertMove(RampJudge.Decide(plan, Judged("worse") with { Held = held }, sight), "rollback", 0, "rolled-back");
    }

    [Fact]
    public void Rollback_ToTheProvedStep_GoesWhereItWasProved_AndToNobodyWhereNothingWas()
    {
        var plan = Plan with { RollbackTo = RollbackTo.Proved };

        AssertMove(RampJudge.Decide(plan, Judged("worse") with { Proved = 1 }, Sight), "rollback", 1, "rolled-back");
        AssertMove(RampJudge.Decide(plan, Judged("worse") with { Proved = 0 }, Sight), "rollback", 0, "rolled-back");
        AssertMove(RampJudge.Decide(plan, Judged("worse") with { Proved = 5 }, Sight), "rollback", 0, "rolled-back");
    }

    [Fact]
    public void OtherWishes_AreFollowed()
    {
        AssertMove(RampJudge.Decide(Plan with { OnRegression = OnRegression.Pause }, Judged("worse"), Sight), "pause", 5, "paused");
        Assert.Null(RampJudge.Decide(Plan with { OnInconclusive = OnInconclusive.Continue }, Judged("open, twice the bake"), Sight));
    }

    [Fact]
    public void FlagThatGoesOff_PausesTheRamp_WhateverIsProved() =>
        AssertMove(RampJudge.Decide(Plan, Judged("safe"), Sight with { OffFlag = "CALENDAR_SERVICE_ENABLED" }), "pause", 5, "paused");

    private static void AssertMove(RampMove? move, string? action, double to, string? phase)
    {
        Assert.Equal(action, move?.Action);
        if (move is not null)
            Assert.Equal((to, phase), (move.To, move.Phase.ToLabel()));
    }

    private static RampState Judged(string evidence)
    {
        var state = State(evidence);
        return state with { Verdict = RampJudge.Judge(Plan, state) };
    }

    /// <summary>A ramp at 5 %, of which everything is as it has to be unless the words say otherwise.</summary>
    private static RampState State(string evidence)
    {
        var isOpen = evidence.StartsWith("open", StringComparison.Ordinal);
        var units = evidence.Contains("few units") ? 199 : evidence == "nothing" ? 0 : isOpen ? 400 : 10_000;
        var (canary, limit) = evidence switch
        {
            _ when evidence.StartsWith("safe", StringComparison.Ordinal) => (50, 20),
            "worse at the limit" => (50, 2_000),
            _ when evidence.StartsWith("worse", StringComparison.Ordinal) => (900, 20),
            _ => (4, 15),
        };
        var others = isOpen ? 2 : 50;
        var failing = Enumerable.Range(0, evidence.Contains("two users") ? 2 : 5).Select(i => $"u{i}").ToArray();
        GateTick tick = new(Arm(canary), Arm(others));
        var slow = evidence.Contains("where nothing is decided") ? new GateTick(Arm(5_000), Arm(0)) : tick;
        var gates = new Dictionary<string, GateState>(StringComparer.Ordinal)
        {
            ["errors"] = new("", new ControlEvidence(0.01).Add(tick), null, Units(canary), Units(others), failing),
            ["publish"] = new("", null, new LimitEvidence(0.05).Add(Arm(limit)), Units(limit), Units(0), failing),
            ["slow"] = new("", new ControlEvidence(0.02).Add(slow), null, Units(canary), Units(others), failing),
        };
        var split = evidence.EndsWith("split", StringComparison.Ordinal) ? new SplitEvidence().Add(200, 200, 0.05) : new SplitEvidence();
        return RampState.Initial with
        {
            Phase = RampPhase.Running, Percentage = 5, Gates = gates,
            Baked = evidence.Contains("bake not over") ? Bake - TimeSpan.FromSeconds(1) : evidence.Contains("twice") ? 2 * Bake : Bake,
            Users = new(evidence.Contains("few users") ? 19 : 500, 9_500),
            Sources = new Dictionary<string, SourceState>(StringComparer.Ordinal) { ["a"] = new(null, split) },
        };

        ArmTick Arm(long failures) => new(units, Math.Min(failures, units));
        Gateway.Rollout.Arms.GateUnits Units(long failures) => new(units, Math.Min(failures, units));
    }
}
