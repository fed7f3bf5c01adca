using System.Globalization;

namespace Gateway.Traffic;

/// <summary>
/// The gateway's own counters at one moment, by who answered. Read from the metrics page, which is the only way to a histogram's buckets
/// and costs a request nothing.
/// </summary>
internal sealed class TrafficSample(long at)
{
    private readonly Dictionary<string, BackendTotals> _backends = new(StringComparer.Ordinal);

    /// <summary>The clock's timestamp.</summary>
    public long At => at;

    public IReadOnlyDictionary<string, BackendTotals> Backends => _backends;

    /// <param name="page">In Prometheus' text format.</param>
    public static TrafficSample Parse(long at, ReadOnlySpan<char> page)
    {
        var sample = new TrafficSample(at);
        foreach (var line in page.EnumerateLines())
        {
            var labels = line.IndexOf('{');
            if (labels > 0 && line.StartsWith("gateway_"))
                sample.Count(line[..labels], line[labels..]);
        }

        return sample;
    }

    private void Count(ReadOnlySpan<char> series, ReadOnlySpan<char> rest)
    {
        var value = double.TryParse(rest[(rest.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture, out var number) ? number : 0;
        switch (series)
        {
            case "gateway_requests_total":
                var totals = Find(Label(rest, "backend"));
                totals.Requests += value;
                if (Label(rest, "code") == "5xx")
                    totals.Errors += value;
                break;
            case "gateway_fallbacks_total":
                Find(Label(rest, "from")).PassedOver += value;
                break;
            case "gateway_sse_streams_active":
                Find(Label(rest, "backend")).StreamsOpen += value;
                break;
            case "gateway_request_duration_seconds_bucket":
                var bound = Label(rest, "le");
                var buckets = Find(Label(rest, "backend")).Buckets;
                var key = bound == "+Inf" ? double.PositiveInfinity : double.Parse(bound, CultureInfo.InvariantCulture);
                buckets[key] = buckets.GetValueOrDefault(key) + value;
                break;
        }
    }

    private BackendTotals Find(string backend)
    {
        if (!_backends.TryGetValue(backend, out var totals))
            _backends[backend] = totals = new();
        return totals;
    }

    /// <summary>Ids are a configuration's, and a quote in one is escaped as the format wants it.</summary>
    private static string Label(ReadOnlySpan<char> labels, string name)
    {
        var start = labels.IndexOf($"{name}=\"");
        while (start > 0 && labels[start - 1] is not ('{' or ','))
        {
            var next = labels[(start + 1)..].IndexOf($"{name}=\"");
            start = next < 0 ? -1 : start + 1 + next;
        }

        if (start < 0)
            return "";
        var value = labels[(start + name.Length + 2)..];
        var end = 0;
        while (end < value.Length && value[end] != '"')
            end += value[end] == '\\' ? 2 : 1;
        return value[..Math.Min(end, value.Length)].ToString()
            .Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal)
            .Replace("\\\\", "\\", StringComparison.Ordinal);
    }
}

/// <summary>Since the process began; streams are those of this moment.</summary>
internal sealed class BackendTotals
{
    public double Requests { get; set; }

    public double Errors { get; set; }

    public double PassedOver { get; set; }

    public double StreamsOpen { get; set; }

    /// <summary>By upper bound in seconds, each with all that is below it.</summary>
    public SortedList<double, double> Buckets { get; } = [];
}
