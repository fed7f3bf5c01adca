using Gateway.Rollout.Statistics;

namespace Gateway.Tests.Rollout.Statistics;

/// <summary>
/// What makes the evidence valid however often one looks: while a hypothesis holds, the mean of a tick's factor is at most 1 whatever was
/// seen before. Every outcome of small ticks is weighed with its chance, so the mean is exact.
/// </summary>
public sealed class NullMeanTests
{
    private const double Rounding = 1e-9;

    private static readonly double[] Rates = [0.0001, 0.001, 0.005, 0.02, 0.1, 0.3, 0.5, 0.8, 0.99];
    private static readonly (int Canary, int Control)[] Sizes = [(1, 1), (1, 9), (9, 1), (4, 6), (7, 7), (8, 0), (0, 8)];

    /// <summary>Seen before: nothing, good days, bad days, a bad canary, nothing but failures.</summary>
    private static readonly GateTick[] Pasts =
    [
        default, new(new(2000, 9), new(3000, 15)), new(new(500, 100), new(500, 90)), new(new(400, 300), new(10_000, 20)),
        new(new(300_000, 300_000), new(900_000, 900_000)),
    ];

    [Fact]
    public void ControlHarm_CanaryNotWorse_HasAMeanOfAtMostOne() => Assert.All(Cases(), one =>
    {
        var evidence = After(one.Past, 0.01);
        foreach (var control in Rates)
        {
            foreach (var better in (double[])[1, 0.9, 0.3])
            {
                Assert.All(evidence.LogRatios.Select((_, i) => i), i => Assert.InRange(
                    Mean(one.Size, control * better, control, tick => evidence.Add(tick).LogRatios[i]), 0, 1 + Rounding));
            }
        }
    });

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.01)]
    [InlineData(0.2)]
    [InlineData(0.5)]
    public void ControlSafe_CanaryWorseByTheMargin_HasAMeanOfAtMostOne(double margin) => Assert.All(Cases(), one =>
    {
        var evidence = After(one.Past, margin);
        foreach (var control in Rates.Append(0).Append(1 - margin).Where(rate => rate + margin <= 1))
        {
            foreach (var beyond in (double[])[0, 0.1, 1])
            {
                var canary = control + margin + (beyond * (1 - margin - control));
                Assert.InRange(Mean(one.Size, canary, control, tick => evidence.Add(tick).LogSafe), 0, 1 + Rounding);
            }
        }
    });

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.05)]
    [InlineData(0.5)]
    public void Limit_EitherHypothesis_HasAMeanOfAtMostOne(double limit)
    {
        var evidence = new LimitEvidence(limit);
        foreach (var off in (double[])[1, 0.5, 0.1, 0])
        {
            foreach (var units in (int[])[1, 3, 10])
            {
                Assert.InRange(Mean((units, 0), limit * off, 0, tick => evidence.Add(tick.Canary).LogHarm), 0, 1 + Rounding);
                Assert.InRange(
                    Mean((units, 0), limit + ((1 - off) * (1 - limit)), 0, tick => evidence.Add(tick.Canary).LogSafe), 0, 1 + Rounding);
            }
        }
    }

    /// <summary>Whatever was seen before, and whatever the plan was then.</summary>
    [Theory]
    [InlineData(0.01)]
    [InlineData(0.3)]
    [InlineData(0.999)]
    public void Split_AsPlanned_HasAMeanOfOne(double share)
    {
        SplitEvidence[] pasts =
        [
            new(), new SplitEvidence().Add(400, 600, share), new SplitEvidence().Add(10_000, 20, share),
            new SplitEvidence().Add(70, 30, 0.5).Add(5, 5, share), new SplitEvidence().Add(70, 30, 0.5),
        ];
        Assert.All(pasts, past =>
        {
            var mean = 0.0;
            for (var canary = 0; canary <= 12; canary++)
                mean += Chance(12, canary, share) * Math.Exp(past.Add(canary, 12 - canary, share).LogWrong - past.LogWrong);
            Assert.Equal(1, mean, 1e-9);
        });
    }

    private static IEnumerable<(GateTick Past, (int Canary, int Control) Size)> Cases() =>
        Pasts.SelectMany(_ => Sizes, static (past, size) => (past, size));

    private static ControlEvidence After(GateTick past, double margin) => new(margin, past, new ControlEvidence(margin).LogRatios, 0);

    private static double Mean((int Canary, int Control) size, double canary, double control, Func<GateTick, double> log)
    {
        var mean = 0.0;
        for (var i = 0; i <= size.Canary; i++)
        {
            for (var j = 0; j <= size.Control; j++)
            {
                var chance = Chance(size.Canary, i, canary) * Chance(size.Control, j, control);
                if (chance > 0)
                    mean += chance * Math.Exp(log(new(new(size.Canary, i), new(size.Control, j))));
            }
        }

        return mean;
    }

    private static double Chance(int units, int failures, double rate)
    {
        var chance = Math.Pow(rate, failures) * Math.Pow(1 - rate, units - failures);
        for (var i = 1; i <= failures; i++)
            chance *= (units - failures + i) / (double)i;
        return chance;
    }
}
