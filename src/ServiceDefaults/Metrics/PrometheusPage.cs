using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using OpenTelemetry.Metrics;

namespace ServiceDefaults.Metrics;

/// <summary>One scrape in the Prometheus text format 0.0.4: recorded series first, then the declared zeros that are missing.</summary>
internal sealed class PrometheusPage(ZeroSeries zeros)
{
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);

    public void Add(Metric metric)
    {
        var type = metric.MetricType switch
        {
            MetricType.LongSum or MetricType.DoubleSum => "counter",
            MetricType.Histogram => "histogram",
            MetricType.ExponentialHistogram => null,
            _ => "gauge",
        };
        if (type is null)
            return;
        var family = FamilyOf(metric.Name, metric.Unit, metric.Description, type);
        foreach (ref readonly var point in metric.GetMetricPoints())
            Add(family, metric.MetricType, in point);
    }

    public string Render()
    {
        foreach (var declared in zeros.All)
            AddZeros(declared);

        var page = new StringBuilder(16 * 1024);
        foreach (var (name, family) in _families)
        {
            if (family.Help.Length > 0)
                page.Append("# HELP ").Append(name).Append(' ').Append(family.Help).Append('\n');
            page.Append("# TYPE ").Append(name).Append(' ').Append(family.Type).Append('\n').Append(family.Samples);
        }

        return page.ToString();
    }

    private Family FamilyOf(string name, string? unit, string? help, string type)
    {
        var exported = PrometheusNames.Metric(name, unit, type == "counter");
        if (!_families.TryGetValue(exported, out var family))
            _families[exported] = family = new Family(exported, type, PrometheusNames.EscapeHelp(help ?? ""));
        return family;
    }

    private static void Add(Family family, MetricType type, ref readonly MetricPoint point)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var tag in point.Tags)
            pairs.Add(new(tag.Key, Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? ""));
        var labels = PrometheusNames.Labels(pairs);
        if (!family.Seen.Add(labels))
            return; // Two meters with one name: a page with a series twice would be refused whole.

        switch (type)
        {
            case MetricType.Histogram:
                AddHistogram(family, labels, in point);
                break;
            case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                family.Sample("", labels, point.GetSumLong());
                break;
            case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                family.Sample("", labels, point.GetSumDouble());
                break;
            case MetricType.LongGauge:
                family.Sample("", labels, point.GetGaugeLastValueLong());
                break;
            case MetricType.DoubleGauge:
                family.Sample("", labels, point.GetGaugeLastValueDouble());
                break;
        }
    }

    private static void AddHistogram(Family family, string labels, ref readonly MetricPoint point)
    {
        var cumulative = 0L;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            cumulative += bucket.BucketCount;
            var bound = PrometheusNames.Number(bucket.ExplicitBound);
            family.Sample("_bucket", PrometheusNames.With(labels, "le", bound), cumulative);
        }

        family.Sample("_sum", labels, point.GetHistogramSum());
        family.Sample("_count", labels, point.GetHistogramCount());
    }

    private void AddZeros(ZeroSeries.Declared declared)
    {
        var instrument = declared.Instrument;
        var type = declared.Boundaries is not null ? "histogram" : instrument is Counter<long> ? "counter" : "gauge";
        var family = FamilyOf(instrument.Name, instrument.Unit, instrument.Description, type);
        foreach (var labels in declared.LabelSets.Keys.Where(l => !family.Seen.Contains(l)).Order(StringComparer.Ordinal))
        {
            if (declared.Boundaries is null)
            {
                family.Sample("", labels, 0);
                continue;
            }

            foreach (var bound in declared.Boundaries.Append(double.PositiveInfinity))
                family.Sample("_bucket", PrometheusNames.With(labels, "le", PrometheusNames.Number(bound)), 0);
            family.Sample("_sum", labels, 0);
            family.Sample("_count", labels, 0);
        }
    }

    private sealed class Family(string name, string type, string help)
    {
        public string Type => type;

        public string Help => help;

        public HashSet<string> Seen { get; } = new(StringComparer.Ordinal);

        public StringBuilder Samples { get; } = new();

        public void Sample(string suffix, string labels, double value) =>
            Samples.Append(name).Append(suffix).Append(labels).Append(' ').Append(PrometheusNames.Number(value)).Append('\n');
    }
}
