using System.Text;
using Gateway.Admin;

namespace Gateway;

internal static class Listeners
{
    /// <summary>Both listeners come from ordinary Kestrel configuration; connections of the one named Admin are marked.</summary>
    public static void ConfigureListeners(this IWebHostBuilder host) => host.ConfigureKestrel((context, kestrel) =>
    {
        kestrel.AddServerHeader = false; // What legacy says about itself passes; we add nothing.
        // Byte for byte: with the defaults, one byte beyond ASCII in any header fails the request, there or back.
        kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        // A proxy passes uploads of any size; a route sets its own MaxRequestBodySize.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Configure(context.Configuration.GetSection("Kestrel"))
            .Endpoint("Admin", endpoint => AdminListener.MarkConnections(endpoint.ListenOptions));
    });
}
