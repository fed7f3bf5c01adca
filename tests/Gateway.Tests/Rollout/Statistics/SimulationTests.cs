using Gateway.Rollout.Statistics;

namespace Gateway.Tests.Rollout.Statistics;

/// <summary>Ramps as they would run, with seeds: how often the evidence is wrong, and how soon it is right. bench/rollout does the same at
/// length.</summary>
public sealed class SimulationTests
{
    private const int Looks = 500;
    private const int Units = 20;
    private const double Usual = 0.005;

    /// <summary>Level 0.01 over all looks together. It is far from reached: the level is what is promised of the worst case.</summary>
    [Theory]
    [InlineData(0.005)]
    [InlineData(0.05)]
    public void Harm_CanaryNotWorse_IsHardlyEverClaimed(double rate) =>
        Assert.InRange(FirstPassages(200, rate, rate, 0.01, IsHarm, Looks).Count(static units => units is not null), 0, 2);

    /// <summary>Level 0.05, at the margin itself.</summary>
    [Fact]
    public void Safety_CanaryWorseByTheMargin_IsHardlyEverClaimed() =>
        Assert.InRange(FirstPassages(200, Usual + 0.01, Usual, 0.01, IsSafe, Looks).Count(static units => units is not null), 0, 10);

    /// <summary>Median and 90 % of 10,000 runs (bench/results/rollout.md), which 400 runs come near to.</summary>
    [Theory]
    [InlineData(0.02, 1020, 2020)]
    [InlineData(0.05, 240, 440)]
    [InlineData(0.2, 60, 80)]
    [InlineData(1, 20, 20)]
    public void Harm_CanaryWorse_IsFoundAsSoonAsPromised(double rate, int median, int ninetyPercent) =>
        AssertNear(median, ninetyPercent, FirstPassages(400, rate, Usual, 0.01, IsHarm, 2000));

    [Theory]
    [InlineData(0.01, 700, 1780)]
    [InlineData(0.005, 2320, 5960)]
    public void Safety_BothAlike_IsFoundAsSoonAsPromised(double margin, int median, int ninetyPercent) =>
        AssertNear(median, ninetyPercent, FirstPassages(400, Usual, Usual, margin, IsSafe, 2000));

    /// <summary>"About N minutes": before the first tick, of the median.</summary>
    [Fact]
    public void Estimate_BothAlike_IsNearTheMedian()
    {
        var promised = new ControlEvidence(0.01).EstimateTicksUntilSafe(Units, Units) * Units;

        Assert.InRange(promised ?? 0, 700 / 1.3, 700 * 1.3);
    }

    [Fact]
    public void Estimate_WithoutAnyHope_IsNone()
    {
        Assert.Null(new ControlEvidence(0.01).EstimateTicksUntilSafe(0, 20));
        Assert.Null(new LimitEvidence(0.05).Add(new ArmTick(1000, 60)).EstimateTicksUntilSafe(20));
        Assert.InRange(new LimitEvidence(0.05).Add(new ArmTick(40, 0)).EstimateTicksUntilSafe(20) ?? 0, 1, 6);
    }

    private static bool IsHarm(ControlEvidence evidence) => evidence.LogHarm >= LogEvidence.RegressedAt(1);

    private static bool IsSafe(ControlEvidence evidence) => evidence.LogSafe >= LogEvidence.ProvedSafeAt;

    /// <summary>Canary units until it held, in each run; null if it never did.</summary>
    private static List<int?> FirstPassages(
        int runs, double canary, double control, double margin, Func<ControlEvidence, bool> holds, int looks)
    {
        var random = new Random(7);
        var passages = new List<int?>();
        for (var run = 0; run < runs; run++)
        {
            var evidence = new ControlEvidence(margin);
            int? passage = null;
            for (var look = 1; look <= looks && passage is null; look++)
            {
                evidence = evidence.Add(new(new(Units, Failures(random, canary)), new(Units, Failures(random, control))));
                if (holds(evidence))
                    passage = look * Units;
            }

            passages.Add(passage);
        }

        return passages;
    }

    private static int Failures(Random random, double rate)
    {
        var failures = 0;
        for (var unit = 0; unit < Units; unit++)
            failures += random.NextDouble() < rate ? 1 : 0;
        return failures;
    }

    private static void AssertNear(int median, int ninetyPercent, List<int?> passages)
    {
        var sorted = passages.Select(static units => units ?? int.MaxValue).Order().ToArray();
        Assert.InRange(sorted[sorted.Length / 2], (median * 0.8) - 20, (median * 1.2) + 20);
        Assert.InRange(sorted[sorted.Length * 9 / 10], (ninetyPercent * 0.8) - 20, (ninetyPercent * 1.2) + 20);
    }
}
