using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;

namespace ServiceDefaults.Tracing;

/// <summary>Says once when the collector goes away and once when it is back; OpenTelemetry itself is silent about both.</summary>
internal sealed partial class TraceExporter(OtlpExporterOptions options, ILogger<TraceExporter> logger) : OtlpTraceExporter(options)
{
    private readonly string _collector = options.Endpoint.GetLeftPart(UriPartial.Path);
    private bool _failing;

    // Batches are exported one after the other, by one thread.
    public override ExportResult Export(in Batch<Activity> activityBatch)
    {
        var result = base.Export(activityBatch);
        var failing = result != ExportResult.Success;
        if (failing != _failing)
        {
            _failing = failing;
            if (failing)
                LogLost(_collector);
            else
                LogSent(_collector);
        }

        return result;
    }

    [LoggerMessage(LogLevel.Warning, "Traces cannot be delivered to {Collector} and are dropped until they can")]
    private partial void LogLost(string collector);

    [LoggerMessage(LogLevel.Information, "Traces are delivered to {Collector} again")]
    private partial void LogSent(string collector);
}
