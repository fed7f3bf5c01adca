using System.Text;
using Gateway.Listening;
using Gateway.Tls;
using Gateway.Wire;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Gateway;

internal static class Listeners
{
    /// <summary>Both listeners come from ordinary Kestrel configuration; connections of the one named Admin are marked.</summary>
    public static void ConfigureListeners(this IWebHostBuilder host) => host.ConfigureKestrel((context, kestrel) =>
    {
        kestrel.AddServerHeader = false; // What legacy says about itself passes; we add nothing.
        kestrel.RequestHeaderEncodingSelector = WireExtensions.HeaderEncoding!;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        // Kestrel starts before the host validates: a fault in settings of no section, as the traces', would be told only after its own.
        kestrel.ApplicationServices.GetRequiredService<IStartupValidator>().Validate();
        var limits = kestrel.ApplicationServices.GetRequiredService<IOptions<LimitOptions>>().Value;
        var clock = kestrel.ApplicationServices.GetRequiredService<TimeProvider>();
        Apply(limits, kestrel.Limits);
        var sniffer = new PrefaceSniffer(limits.KeepAliveTimeout, limits.RequestHeadersTimeout, clock);
        kestrel.ConfigureEndpointDefaults(listener =>
        {
            sniffer.Watch(listener);
            BareRefusals.Watch(listener);
        });
        var certificates = kestrel.ApplicationServices.GetRequiredService<ServedCertificates>();
        var configured = kestrel.Configure(context.Configuration.GetSection("Kestrel"));
        foreach (var section in context.Configuration.GetSection("Kestrel:Endpoints").GetChildren())
        {
            configured.Endpoint(section.Key, endpoint =>
            {
                if (section.Key.Equals("Admin", StringComparison.OrdinalIgnoreCase))
                    AdminListener.MarkConnections(endpoint.ListenOptions);
                if (endpoint.IsHttps)
                    certificates.Serve(section, endpoint.HttpsOptions);
            });
        }
    });

    private static void Apply(LimitOptions options, KestrelServerLimits limits)
    {
        // A proxy passes uploads of any size; a route sets its own MaxRequestBodySize.
        limits.MaxRequestBodySize = null;
        limits.MaxRequestHeaderCount = options.RequestHeaders;
        limits.MaxRequestHeadersTotalSize = options.RequestHeaderBytes;
        limits.MaxRequestLineSize = options.RequestLineBytes;
        // One read may hold both, and Kestrel wants the buffer to be no smaller than either.
        limits.MaxRequestBufferSize = Math.Max(limits.MaxRequestBufferSize ?? 0, options.RequestLineBytes + options.RequestHeaderBytes);
        limits.RequestHeadersTimeout = options.RequestHeadersTimeout;
        limits.KeepAliveTimeout = options.KeepAliveTimeout;
        limits.MinRequestBodyDataRate = Rate(options.MinRequestBodyRate, options.RateGracePeriod);
        limits.MinResponseDataRate = Rate(options.MinResponseRate, options.RateGracePeriod);
        limits.MaxConcurrentConnections = options.Connections;
        limits.MaxConcurrentUpgradedConnections = options.UpgradedConnections;
        limits.Http2.MaxStreamsPerConnection = options.Http2Streams;
        limits.Http2.MaxRequestHeaderFieldSize = options.RequestHeaderBytes;
    }

    private static MinDataRate? Rate(double bytesPerSecond, TimeSpan grace) => bytesPerSecond == 0 ? null : new(bytesPerSecond, grace);
}
