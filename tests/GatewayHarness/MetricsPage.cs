using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Tests;

/// <summary>One scrape, parsed strictly: a line that is not Prometheus text is a failed test.</summary>
internal sealed partial class MetricsPage
{
    private readonly List<Sample> _samples = [];
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);

    private MetricsPage(string text) => Text = text;

    public string Text { get; }

    public IReadOnlyList<Sample> Samples => _samples;

    public IReadOnlyDictionary<string, string> Types => _types;

    public static MetricsPage Parse(string text)
    {
        var page = new MetricsPage(text);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
                page._types.Add(line.Split(' ')[2], line.Split(' ')[3]);
            else if (line[0] != '#')
                page._samples.Add(ParseSample(line));
        }

        return page;
    }

    public IEnumerable<Sample> Of(string name, params (string Name, string Value)[] labels) =>
        _samples.Where(s => s.Name == name && labels.All(l => s.Labels.GetValueOrDefault(l.Name) == l.Value));

    /// <summary>The sum over every series with these labels.</summary>
    /// <exception cref="Xunit.Sdk.XunitException">There is no such series: 0 and absent are different things.</exception>
    public double Value(string name, params (string Name, string Value)[] labels)
    {
        var found = Of(name, labels).ToArray();
        Assert.True(found.Length > 0, $"no series {name}{{{string.Join(',', labels)}}}");
        return found.Sum(s => s.Value);
    }

    private static Sample ParseSample(string line)
    {
        var match = Line().Match(line);
        Assert.True(match.Success, $"not Prometheus text: {line}");
        var labels = Label().Matches(match.Groups["labels"].Value)
            .ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value, StringComparer.Ordinal);
        var value = match.Groups["value"].Value;
        return new(match.Groups["name"].Value, labels, value switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => double.Parse(value, CultureInfo.InvariantCulture),
        });
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*",?)*)\})? (?<value>\S+)$""", RegexOptions.ExplicitCapture)]
    private static partial Regex Line();

    [GeneratedRegex("""([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)",?""")]
    private static partial Regex Label();
}

internal sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);
