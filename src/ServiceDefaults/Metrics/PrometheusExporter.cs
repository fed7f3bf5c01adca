using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace ServiceDefaults.Metrics;

/// <summary>
/// The pull side of OpenTelemetry's metric pipeline: a scrape collects every instrument and renders it.
/// Stands in for a Prometheus exporter package; see docs/decisions.
/// </summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter(ZeroSeries zeros) : BaseExporter<Metric>, IPullMetricExporter
{
    private readonly Lock _oneScrapeAtATime = new();
    private string _page = "";

    public Func<int, bool>? Collect { get; set; }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        var page = new PrometheusPage(zeros);
        foreach (var metric in batch)
            page.Add(metric);
        _page = page.Render();
        return ExportResult.Success;
    }

    public string Scrape()
    {
        lock (_oneScrapeAtATime)
        {
            Collect?.Invoke(Timeout.Infinite);
            return _page;
        }
    }
}
