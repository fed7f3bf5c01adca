namespace CompareBench.Running;

/// <summary>Median, least and most of some numbers.</summary>
internal sealed class Spread
{
    public Spread(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        (Median, Least, Most) = ((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1]);
    }

    public double Median { get; }

    public double Least { get; }

    public double Most { get; }

    public string Format(string format) => $"{Median.ToString(format)} ({Least.ToString(format)}–{Most.ToString(format)})";

    /// <returns>Of each pair of rounds, one ratio.</returns>
    public static Spread OfRatios(IEnumerable<double> values, IEnumerable<double> against) =>
        new(values.Zip(against, static (v, a) => v / a));
}
