using System.Text.RegularExpressions;

namespace SystemTests.Monitoring;

/// <summary>One answer of <c>/metrics</c>.</summary>
internal sealed partial class Scrape(string text)
{
    /// <summary>Each series with its labels, as it is written.</summary>
    public IReadOnlySet<string> Series { get; } = Samples(text).Select(s => s[..s.LastIndexOf(' ')]).ToHashSet(StringComparer.Ordinal);

    public IReadOnlySet<string> Families { get; } =
        text.Split('\n').Where(l => l.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(l => l.Split(' ')[2])
            .ToHashSet(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, double> Values { get; } = Samples(text).ToDictionary(
        s => s[..s.LastIndexOf(' ')], s => Value(s[(s.LastIndexOf(' ') + 1)..]), StringComparer.Ordinal);

    /// <summary>Families, and what stands before the labels: a histogram's <c>_bucket</c>, <c>_sum</c>, <c>_count</c>.</summary>
    public IEnumerable<string> Names => Families.Concat(Series.Select(s => s.Split('{')[0])).Distinct();

    public static async Task<Scrape> OfAsync(HttpClient program) => new(await program.GetStringAsync("/metrics"));

    /// <summary>Every name in <paramref name="text"/> that can only be meant as a metric with one of these prefixes.</summary>
    public static IEnumerable<string> NamesIn(string text, string prefixes) =>
        Regex.Matches(text, $@"(?<![\w:/.$#-])(?:{prefixes})_[a-z_]+(?![\w:(])", RegexOptions.None).Select(m => m.Value).Distinct();

    public static bool IsOurs(string name) => OursRegex().IsMatch(name);

    private static IEnumerable<string> Samples(string text) => text.Split('\n').Where(l => l.Length > 0 && l[0] != '#');

    private static double Value(string text) => text is "+Inf" ? double.PositiveInfinity
        : double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex("^(gateway|calendar)_")]
    private static partial Regex OursRegex();
}
