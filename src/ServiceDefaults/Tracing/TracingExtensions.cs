using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using ServiceDefaults.Logging;
using ServiceDefaults.Options;

namespace ServiceDefaults.Tracing;

public static class TracingExtensions
{
    // The framework's own spans: a request that came in, one that went out, a statement.
    private static readonly string[] Sources = ["Microsoft.AspNetCore", "System.Net.Http", "Npgsql"];

    /// <summary>
    /// Sends spans over OTLP if <c>OTEL_EXPORTER_OTLP_ENDPOINT </c> says where to; otherwise nobody listens and nothing is made.
    /// </summary>
    /// <param name="program">The service's name in traces unless <c>OTEL_SERVICE_NAME</c> gives another.</param>
    public static WebApplicationBuilder AddTracing(this WebApplicationBuilder builder, string program)
    {
        var options = TracingOptions.From(builder.Configuration);
        var propagator = new TraceContextPropagator(options.Enabled);
        builder.Services.AddSingleton(TracingOptions.Keys);
        builder.Services.AddSingleton(propagator);
        builder.Services.AddSingleton<DistributedContextPropagator>(propagator); // Over the host's own, which was there first.
        if (!options.Enabled)
        {
            // For these lines, which nobody asked for, the host would make a span and a scope for each request.
            return builder.AddDefaults(("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "None"));
        }

        // ASP.NET Core 10 leaves its span bare unless told otherwise; from 11 on this is the default.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", isEnabled: false);
        builder.Services.AddCheck(_ => options.Faults());
        builder.Services.AddSingleton(provider => Build(provider, options, program));
        builder.Services.AddHostedService<TraceListener>();
        return builder;
    }

    /// <summary>What goes this way is in no trace.</summary>
    public static IApplicationBuilder UseNoTraces(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        RequestSpan.Drop(context);
        return next(context);
    });

    private static TracerProvider Build(IServiceProvider provider, TracingOptions options, string program)
    {
        var batches = new BatchExportActivityProcessorOptions(); // OTEL_BSP_*
        return Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateEmpty()
                .AddTelemetrySdk()
                .AddEnvironmentVariableDetector() // OTEL_RESOURCE_ATTRIBUTES
                .AddService(options.ServiceName.Length > 0 ? options.ServiceName : program))
            .SetSampler(new TraceSampler(options.SampledShare))
            .AddSource(Sources)
            // A queue of fixed size, sent from a thread of its own: a collector that is slow or gone costs spans, never requests.
            .AddProcessor(new BatchActivityExportProcessor(
                new TraceExporter(options.ToExporter(), provider.GetRequiredService<ILogger<TraceExporter>>()),
                batches.MaxQueueSize, batches.ScheduledDelayMilliseconds, batches.ExporterTimeoutMilliseconds, batches.MaxExportBatchSize))
            .Build();
    }

    /// <summary>
    /// The provider listens from when it is made. That is before the first request, and after the options were found valid: hosted
    /// services themselves are made earlier.
    /// </summary>
    private sealed class TraceListener(IServiceProvider services) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            services.GetRequiredService<TracerProvider>();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
