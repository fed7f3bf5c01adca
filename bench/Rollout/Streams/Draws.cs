namespace RolloutBench.Streams;

/// <summary>Random numbers of one ramp (SplitMix64; Steele, Lea, Flood 2014): the same for a seed, whichever thread draws them.</summary>
internal sealed class Draws(ulong seed)
{
    private ulong _state = seed;

    /// <param name="stream">One for each scenario and traffic.</param>
    public static Draws Of(int seed, int stream, int ramp) =>
        new(new Draws(((ulong)(uint)seed << 48) ^ ((ulong)(uint)stream << 32) ^ (uint)ramp).Next());

    public static int StreamOf(int scenario, int units) => (scenario * 256) + units;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Happens(double chance) => Share() < chance;

    /// <summary>How many of so many units fail: the distribution function is walked upward until it passes a random share.</summary>
    public int Failures(int units, double rate)
    {
        if (rate is 0 or 1)
            return rate == 0 ? 0 : units;
        var odds = rate / (1 - rate);
        var chance = Math.Pow(1 - rate, units);
        var (share, failures) = (Share(), 0);
        for (; share > chance && failures < units; failures++)
        {
            share -= chance;
            chance *= odds * (units - failures) / (failures + 1);
        }

        return failures;
    }
}
