namespace Gateway.Decisions;

internal static class DecisionsExtensions
{
    public static IServiceCollection AddDecisions(this IServiceCollection services) => services.AddSingleton<Router>();
}
