namespace Gateway.Fallback;

internal static class FallbackExtensions
{
    public static IServiceCollection AddFallback(this IServiceCollection services) => services.AddSingleton<ReplayBudget>();
}
