using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Prometheus;
using ServiceDefaults.Endpoints;

namespace ServiceDefaults.Metrics;

public static class MetricsExtensions
{
    /// <summary>
    /// Features take <see cref="IMetricFactory"/> for their metrics, and <see cref="CollectorRegistry"/> for what is read at a scrape.
    /// </summary>
    /// <param name="program">What the names of its own metrics begin with.</param>
    public static IServiceCollection AddPrometheus(this IServiceCollection services, string program) => services
        .AddResponseCompression(options =>
        {
            options.MimeTypes = ["text/plain", "application/openmetrics-text"];
            options.EnableForHttps = true; // The page repeats nothing of a request and holds no secret, so its length gives nothing away.
        })
        .AddSingleton(_ => new HostMetrics(program))
        .AddSingleton(provider => provider.GetRequiredService<HostMetrics>().Registry)
        .AddSingleton<IMetricFactory>(provider => provider.GetRequiredService<HostMetrics>().Factory);

    /// <summary>
    /// The library's own endpoint, which also speaks OpenMetrics to those who ask for it, compressed for those who take it, but for GET and
    /// HEAD only.
    /// </summary>
    public static IEndpointConventionBuilder MapPrometheus(this IEndpointRouteBuilder endpoints)
    {
        var registry = endpoints.ServiceProvider.GetRequiredService<CollectorRegistry>();
        var scrape = endpoints.CreateApplicationBuilder()
            .UseResponseCompression()
            .UseMetricServer(settings => settings.Registry = registry, url: null)
            .Build();
        return endpoints.MapRead("/metrics", scrape).AsProbe();
    }
}
