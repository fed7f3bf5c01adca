using Gateway.Rollout.Statistics;

namespace Gateway.Tests.Rollout.Statistics;

/// <summary>Values worked out apart from this code, to five digits.</summary>
public sealed class GoldenNumberTests
{
    public static TheoryData<int[][], double[]> ControlHarm => new()
    {
        {
            [[20, 0, 20, 0], [20, 1, 20, 0], [20, 2, 20, 0], [20, 3, 20, 1], [20, 4, 20, 0]],
            [0.85259, 1.32613, 3.60353, 4.22305, 35.84114]
        },
        { [[20, 20, 20, 0]], [37_831_536] },
        { [[0, 0, 20, 0]], [1] },
        { [[20, 3, 0, 0]], [1] },
    };

    [Theory]
    [MemberData(nameof(ControlHarm))]
    public void ControlHarm_Ticks_HasTheValueAfterEach(int[][] ticks, double[] values) =>
        AssertValues(values, Accumulate(new ControlEvidence(0.01), ticks, static (e, t) => e.Add(Tick(t))), static e => e.LogHarm);

    [Fact]
    public void ControlSafe_Ticks_HasTheValueAfterEach() => AssertValues(
        [1.13255, 2.34987, 23.11613, 30.19556, 63.98017],
        Accumulate(
            new ControlEvidence(0.01), [[20, 0, 20, 0], [200, 1, 200, 1], [200, 0, 200, 2], [200, 1, 200, 0], [200, 1, 200, 1]],
            static (e, t) => e.Add(Tick(t))),
        static e => e.LogSafe);

    [Fact]
    public void Limit_Ticks_HasTheValuesAfterEach()
    {
        var evidence = Accumulate(
            new LimitEvidence(0.05), [[20, 0], [20, 1], [20, 4], [20, 5]], static (e, t) => e.Add(new ArmTick(t[0], t[1]))).ToArray();

        AssertValues([0.30167, 0.25973, 0.90048, 10.17306], evidence, static e => e.LogHarm);
        AssertValues([1.91812, 1.09130, 0.15644, 0.03666], evidence, static e => e.LogSafe);
    }

    /// <summary>From the closed form with exact fractions, in another language.</summary>
    [Theory]
    [MemberData(nameof(Splits))]
    public void Split_Users_HasTheValue(double share, long canary, long control, double log) =>
        Assert.Equal(log, new SplitEvidence().Add(canary, control, share).LogWrong, 1e-8);

    public static TheoryData<double, long, long, double> Splits => new()
    {
        { 0.5, 1000, 1000, -0.091164945 },
        { 0.5, 1100, 900, 1.575717807 },
        { 0.01, 20, 980, 0.355117694 },
        { 0.01, 3, 997, 0.214732422 },
        { 0.001, 0, 5, 0.000001001 },
        { 0.00001, 2, 50, 2.387821913 },
        { 0.25, 3000, 7000, 32.256192343 },
    };

    /// <summary>Wilson's interval for textbook cases.</summary>
    [Theory]
    [InlineData(0, 0, 1.959964, 0, 1)]
    [InlineData(20, 0, 1.959964, 0, 0.16113)]
    [InlineData(100, 10, 1.959964, 0.05523, 0.17437)]
    [InlineData(10, 10, 1.959964, 0.72247, 1)]
    [InlineData(1000, 5, 1.645, 0.00244, 0.01024)]
    public void Wilson_Share_HasTheBounds(long units, long failures, double z, double lower, double upper)
    {
        var bounds = Wilson.Bounds(new ArmTick(units, failures), z);

        Assert.Equal((lower, upper), (Math.Round(bounds.Lower, 5), Math.Round(bounds.Upper, 5)));
    }

    [Fact]
    public void Thresholds_AreThoseOfTheLevels()
    {
        Assert.Equal(100, Math.Exp(LogEvidence.RegressedAt(1)), 1e-9);
        Assert.Equal(400, Math.Exp(LogEvidence.RegressedAt(4)), 1e-9);
        Assert.Equal(20, Math.Exp(LogEvidence.ProvedSafeAt), 1e-9);
        Assert.Equal(3000, Math.Exp(LogEvidence.SplitWrongAt(3)), 1e-9);
    }

    private static GateTick Tick(int[] t) => new(new(t[0], t[1]), new(t[2], t[3]));

    private static IEnumerable<T> Accumulate<T>(T evidence, int[][] ticks, Func<T, int[], T> add) =>
        ticks.Select(tick => evidence = add(evidence, tick));

    private static void AssertValues<T>(double[] expected, IEnumerable<T> evidence, Func<T, double> log)
    {
        var values = evidence.Select(e => LogEvidence.Value(log(e))).ToArray();

        Assert.Equal(expected.Length, values.Length);
        Assert.All(expected.Zip(values), pair => Assert.Equal(pair.First, pair.Second, Math.Max(5e-6, pair.First * 1e-7)));
    }
}
