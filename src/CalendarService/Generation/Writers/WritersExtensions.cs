namespace CalendarService.Generation.Writers;

internal static class WritersExtensions
{
    public static IServiceCollection AddWriters(this IServiceCollection services, IConfiguration configuration)
    {
        _ = configuration;
        return services;
    }
}
