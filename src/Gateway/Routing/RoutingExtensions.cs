namespace Gateway.Routing;

internal static class RoutingExtensions
{
    public static IServiceCollection AddRouteMatching(this IServiceCollection services) => services.AddSingleton<RouteMatcher>();

    /// <summary>Once the route is known, before anybody acts on it.</summary>
    public static IApplicationBuilder UseSameRouteForEveryReading(this IApplicationBuilder proxy) =>
        proxy.UseMiddleware<SameRouteMiddleware>();
}
