using System.Text.Json;
using Gateway.Rollout.Statistics;

namespace Gateway.Tests.Rollout.Statistics;

public sealed class EvidencePropertyTests
{
    private static readonly GateTick[] Ticks = RandomTicks(200);

    [Fact]
    public void EmptyTicks_ChangeNothing()
    {
        var control = Ticks.Aggregate(new ControlEvidence(0.01), static (e, t) => e.Add(t));
        var limit = Ticks.Aggregate(new LimitEvidence(0.05), static (e, t) => e.Add(t.Canary));
        var split = new SplitEvidence().Add(40, 70, 0.3);

        Assert.Same(control, control.Add(default));
        Assert.Same(limit, limit.Add(default));
        Assert.Same(split, split.Add(0, 0, 0.3));
        Assert.Same(split, split.Add(0, 0, 0.5));
        Assert.Equal(0, new ControlEvidence(0.01).Add(default).LogHarm);
        Assert.Equal(0, new LimitEvidence(0.05).Add(default).LogSafe);
    }

    /// <summary>Bit for bit: one arm alone is no evidence of harm, and at the usual rates none of safety.</summary>
    [Fact]
    public void OneArmAlone_IsNoEvidence()
    {
        var evidence = Ticks.Aggregate(new ControlEvidence(0.01), static (e, t) => e.Add(t));
        var alone = evidence.Add(new(default, new(50, 3))).Add(new(new(50, 3), default));

        Assert.Equal((evidence.LogHarm, evidence.LogSafe), (alone.LogHarm, alone.LogSafe));
        Assert.Equal(evidence.Total.Control.Units + 50, alone.Total.Control.Units);
    }

    /// <summary>With everybody in the canary, only failures below the margin itself speak for it.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(30, false)]
    public void CanaryAlone_IsHeldToTheMargin(int failures, bool safer)
    {
        var past = new ControlEvidence(0.01).Add(new(new(1000, 2), new(1000, 2)));

        Assert.Equal(safer, past.Add(new(new(1000, failures), default)).LogSafe > past.LogSafe);
    }

    [Fact]
    public void Gateways_InAnyOrder_GiveTheSameEvidence()
    {
        var others = RandomTicks(Ticks.Length);
        var one = Ticks.Zip(others).Aggregate(new ControlEvidence(0.01), static (e, t) => e.Add(t.First + t.Second));
        var other = Ticks.Zip(others).Aggregate(new ControlEvidence(0.01), static (e, t) => e.Add(t.Second + t.First));

        Assert.Equal(Save(one), Save(other));
    }

    [Fact]
    public void SavedAndRestored_GoesOnExactly()
    {
        var (control, limit, split) = (new ControlEvidence(0.02), new LimitEvidence(0.05), new SplitEvidence());
        var (restoredControl, restoredLimit, restoredSplit) = (control, limit, split);
        foreach (var (tick, i) in Ticks.Select(static (t, i) => (t, i)))
        {
            var share = i < 100 ? 0.1 : 0.25;
            (control, limit, split) = (control.Add(tick), limit.Add(tick.Canary), split.Add(i, 5 * i, share));
            restoredControl = Restore(restoredControl).Add(tick);
            restoredLimit = Restore(restoredLimit).Add(tick.Canary);
            restoredSplit = Restore(restoredSplit).Add(i, 5 * i, share);
        }

        Assert.Equal((control.LogHarm, control.LogSafe, control.Total),
            (restoredControl.LogHarm, restoredControl.LogSafe, restoredControl.Total));
        Assert.Equal((limit.LogHarm, limit.LogSafe), (restoredLimit.LogHarm, restoredLimit.LogSafe));
        Assert.Equal(split.LogWrong, restoredSplit.LogWrong);
    }

    [Theory]
    [InlineData("""{"Margin":0.01}""")]
    [InlineData("""{"Margin":0.7,"LogRatios":[0,0,0,0,0,0,0]}""")]
    [InlineData("""{"Margin":0.01,"LogRatios":[0,0,0]}""")]
    [InlineData("""{"Margin":0.01,"LogRatios":[0,0,0,0,0,0,0],"Total":{"Canary":{"Units":3,"Failures":4}}}""")]
    public void Restored_FromWhatWasNeverSaved_IsRefused(string json) =>
        Assert.ThrowsAny<ArgumentException>(() => JsonSerializer.Deserialize<ControlEvidence>(json));

    [Theory]
    [InlineData(0.25, 40, 200, 0.25, 30, 70)]
    [InlineData(0.25, 40, 200, 0.5, 300, 200)]
    public void Split_InParts_IsSplitInOne(double first, int canary, int control, double second, int canary2, int control2)
    {
        var inOne = new SplitEvidence().Add(canary, control, first).Add(canary2, control2, second);
        var inParts = Enumerable.Repeat(second, 10).Aggregate(
            Enumerable.Repeat(first, 10).Aggregate(new SplitEvidence(), (e, share) => e.Add(canary / 10, control / 10, share)),
            (e, share) => e.Add(canary2 / 10, control2 / 10, share));

        Assert.Equal(inOne.LogWrong, inParts.LogWrong, 1e-9);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Split_NobodyOrEverybodyPlanned_SaysNothing(double share)
    {
        var split = new SplitEvidence().Add(40, 70, 0.3);

        Assert.Same(split, split.Add(1000, 1000, share));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    [InlineData(3, 4)]
    [InlineData(ArmTick.MostUnits + 1, 0)]
    public void Counts_ThatAreNone_AreRefused(long units, long failures) =>
        Assert.Throws<ArgumentException>(() => new ArmTick(units, failures));

    [Theory]
    [InlineData(0)]
    [InlineData(-0.1)]
    [InlineData(0.51)]
    [InlineData(double.NaN)]
    public void Margin_OutOfRange_IsRefused(double share)
    {
        Assert.Throws<ArgumentException>(() => new ControlEvidence(share));
        Assert.Throws<ArgumentException>(() => new LimitEvidence(share));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Plan_OutOfRange_IsRefused(double share) =>
        Assert.Throws<ArgumentException>(() => new SplitEvidence().Add(1, 1, share));

    /// <summary>No count and no order of counts makes a value that is no number, or one that JSON cannot write.</summary>
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.01)]
    [InlineData(1e-12)]
    public void ExtremeCounts_StayFinite(double share)
    {
        ArmTick[] arms =
        [
            default, new(1, 0), new(1, 1), new(20, 3), new(1_000_000_000, 0), new(1_000_000_000, 1_000_000_000), new(1_000_000_000, 5),
            new(1L << 50, (1L << 50) - 1), new(1L << 50, 1),
        ];
        var ticks = arms.SelectMany(_ => arms, static (canary, control) => new GateTick(canary, control)).ToArray();
        foreach (var first in ticks)
        {
            foreach (var second in ticks)
            {
                var control = new ControlEvidence(share).Add(first).Add(second);
                var limit = new LimitEvidence(share).Add(first.Canary).Add(second.Canary);
                var split = new SplitEvidence().Add(first.Canary.Units, first.Control.Units, share)
                    .Add(second.Canary.Units, second.Control.Units, 0.9);
                var all = control.LogHarm + control.LogSafe + limit.LogHarm + limit.LogSafe + split.LogWrong;
                Assert.True(double.IsFinite(all), $"{first}, {second}");
                Assert.True(double.IsFinite(LogEvidence.Value(control.LogHarm)));
                Assert.False(control.EstimateTicksUntilSafe(second.Canary.Units, second.Control.Units) is { } more && !(more >= 0));
                Assert.False(limit.EstimateTicksUntilSafe(second.Canary.Units) is { } ticksMore && !(ticksMore >= 0));
            }
        }
    }

    private static GateTick[] RandomTicks(int count)
    {
        var random = new Random(14);
        ArmTick Arm() => random.Next(50) is var units ? new(units, random.Next(units / 5 + 1)) : default;
        return [.. Enumerable.Range(0, count).Select(_ => new GateTick(Arm(), Arm()))];
    }

    private static string Save<T>(T evidence) => JsonSerializer.Serialize(evidence);

    private static T Restore<T>(T evidence) => JsonSerializer.Deserialize<T>(Save(evidence))!;
}
