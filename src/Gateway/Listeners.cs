using Gateway.Admin;

namespace Gateway;

internal static class Listeners
{
    /// <summary>Both listeners come from ordinary Kestrel configuration; connections of the one named Admin are marked.</summary>
    public static void ConfigureListeners(this IWebHostBuilder host) => host.ConfigureKestrel((context, kestrel) =>
    {
        kestrel.AddServerHeader = false; // What legacy says about itself passes; we add nothing.
        // A proxy passes uploads of any size; a route sets its own MaxRequestBodySize.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Configure(context.Configuration.GetSection("Kestrel"))
            .Endpoint("Admin", endpoint => AdminListener.MarkConnections(endpoint.ListenOptions));
    });
}
