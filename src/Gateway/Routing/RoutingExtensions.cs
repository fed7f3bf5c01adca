namespace Gateway.Routing;

internal static class RoutingExtensions
{
    public static IServiceCollection AddRoutingDecision(this IServiceCollection services) => services.AddSingleton<Router>();
}
