namespace Gateway.Wire;

internal static class WireExtensions
{
    /// <summary>First of all readers of a public request.</summary>
    public static IApplicationBuilder UseWireChecks(this IApplicationBuilder app) => app.UseMiddleware<WireMiddleware>();

    /// <summary>Once the route is known, before anybody acts on it.</summary>
    public static IApplicationBuilder UseSameRouteForEveryReading(this IApplicationBuilder proxy) => proxy.UseMiddleware<SameRouteMiddleware>();
}
