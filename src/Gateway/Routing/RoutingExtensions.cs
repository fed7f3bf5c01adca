namespace Gateway.Routing;

internal static class RoutingExtensions
{
    public static IServiceCollection AddRouteMatching(this IServiceCollection services) => services.AddSingleton<RouteMatcher>();

    /// <summary>Before the framework's own matching.</summary>
    public static IApplicationBuilder UseRouteOfOtherMethods(this IApplicationBuilder app) => app.UseMiddleware<MatchingMiddleware>();

    /// <summary>Once the route is known, before anybody acts on it.</summary>
    public static IApplicationBuilder UseSameRouteForEveryReading(this IApplicationBuilder proxy) =>
        proxy.UseMiddleware<SameRouteMiddleware>();
}
