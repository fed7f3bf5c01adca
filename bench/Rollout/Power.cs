using System.Globalization;
using Gateway.Rollout.Statistics;
using RolloutBench.Streams;

namespace RolloutBench;

/// <summary>How many canary units it takes until something is proved, with as many beside them in control at 0.5 %.</summary>
internal sealed record Power(string What, int Median, int Ninety, double Never)
{
    private const int Units = 20;
    private const int MostLooks = 5000;

    public static IReadOnlyList<Power> Simulate(int ramps, int seed) =>
    [
        .. ((double[])[0.02, 0.05, 0.2, 1]).Select((rate, i) => Measure(
            $"worse, at {100 * rate:0} %", rate, 0.01, static e => e.LogHarm >= LogEvidence.RegressedAt(1), ramps, seed, i)),
        .. ((double[])[0.01, 0.005]).Select((margin, i) => Measure(
            string.Create(CultureInfo.InvariantCulture, $"safe, margin {100 * margin:0.#} points"), Scenario.Usual, margin,
            static e => e.LogSafe >= LogEvidence.ProvedSafeAt, ramps, seed, 10 + i)),
    ];

    private static Power Measure(
        string what, double canary, double margin, Func<ControlEvidence, bool> isProved, int ramps, int seed, int index)
    {
        var units = new int[ramps];
        Parallel.For(0, ramps, ramp =>
        {
            var draws = Draws.Of(seed, Draws.StreamOf(200 + index, Units), ramp);
            var evidence = new ControlEvidence(margin);
            var looks = 0;
            while (looks < MostLooks && !isProved(evidence))
            {
                evidence = evidence.Add(new(
                    new(Units, draws.Failures(Units, canary)), new(Units, draws.Failures(Units, Scenario.Usual))));
                looks++;
            }

            units[ramp] = looks < MostLooks ? looks * Units : int.MaxValue;
        });
        Array.Sort(units);
        return new(what, units[ramps / 2], units[ramps * 9 / 10], units.Count(static u => u == int.MaxValue) / (double)ramps);
    }
}
