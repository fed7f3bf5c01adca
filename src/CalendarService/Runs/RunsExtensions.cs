namespace CalendarService.Runs;

internal static class RunsExtensions
{
    public static IServiceCollection AddRuns(this IServiceCollection services) => services.AddSingleton<RunStore>();
}
