using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using ServiceDefaults.Endpoints;
using ServiceDefaults.Logging;
using ServiceDefaults.Wire;

namespace ServiceDefaults.Metrics;

public static class MetricsExtensions
{
    // The runtime's and the framework's own meters, exposed beside ours.
    private static readonly string[] FrameworkMeters =
    [
        "System.Runtime", "System.Net.Http", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Hosting",
    ];

    /// <param name="meter">The program's own meter.</param>
    public static IServiceCollection AddPrometheus(this IServiceCollection services, string meter)
    {
        services.AddMetrics();
        services.AddSingleton<ZeroSeries>();
        services.AddSingleton<PrometheusExporter>();
        services.AddSingleton(provider => Sdk.CreateMeterProviderBuilder()
            .AddMeter([meter, .. FrameworkMeters])
            .AddView(OthersDropped(provider.GetRequiredService<IMeterFactory>()))
            .AddReader(new BaseExportingMetricReader(provider.GetRequiredService<PrometheusExporter>()))
            .Build());
        return services;
    }

    /// <summary>
    /// OpenTelemetry listens by a meter's name, and two hosts in one process have meters of one name: what another host's
    /// factory made is that host's to export.
    /// </summary>
    private static Func<Instrument, MetricStreamConfiguration?> OthersDropped(IMeterFactory ours) => instrument =>
        instrument.Meter.Scope is IMeterFactory factory && factory != ours ? MetricStreamConfiguration.Drop : null;

    /// <summary>Starts listening to the meters; what is recorded before is lost, so call it before anything can record.</summary>
    public static void StartMetrics(this IServiceProvider services) => services.GetRequiredService<MeterProvider>();

    public static IEndpointConventionBuilder MapPrometheus(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapRead("/metrics", static (PrometheusExporter exporter) =>
            TypedResults.Text(exporter.Scrape(), "text/plain; version=0.0.4; charset=utf-8")).AsProbe();
}
